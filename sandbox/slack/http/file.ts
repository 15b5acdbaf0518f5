import type { StoredFile } from '../state.ts'
import type { HttpReply } from '../../local/http-server.ts'

/** Pictures may be looked at; everything else is only for saving, whatever it claims to be. */
export function serveFile(file: StoredFile, options: { readonly asDownload?: boolean } = {}): HttpReply {
  const isShown = /^image\/(png|jpeg|gif)$/.test(file.contentType) && options.asDownload !== true
  const name = encodeURIComponent(file.name)
  return {
    status: 200,
    headers: {
      'content-type': file.contentType,
      'content-disposition': isShown ? 'inline' : `attachment; filename*=UTF-8''${name}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=3600',
    },
    body: file.bytes,
  }
}
