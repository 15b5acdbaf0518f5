import packageJson from '../../package.json' with { type: 'json' }

/** Of this program, such as `0.1.0`. Part of every bundle made of it. */
export const programVersion: string = packageJson.version
