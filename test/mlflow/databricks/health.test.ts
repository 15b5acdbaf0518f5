import { describe, expect, it } from 'vitest'
import { sandboxCredentials } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createBearer } from '../../../src/lib/databricks/credentials.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { checkWorkspaceMlflow } from '../../../src/mlflow/databricks/health.ts'
import { noData } from '../../support/no-data.ts'
import { soon } from '../set-up.ts'

describe('the health of a workspace’s MLflow', () => {
  it('is good without the experiment too, and bad without access', async () => {
    await using workspace = await createWorkspace({ brain: async () => ({ content: '' }), warehouse: noData })
    await using http = createHttpClient()
    const check = (token: string) =>
      checkWorkspaceMlflow({
        workspace: { host: workspace.url, credentials: createBearer(new Secret(token)) },
        experimentName: '/Users/{username}/nothing yet',
        http,
        clock: systemClock,
      })(soon())

    await expect(check(sandboxCredentials.token)).resolves.toBeUndefined()
    await expect(check('of somebody else')).rejects.toMatchObject({ code: 'no-access' })
    workspace.faults.add({ on: 'mlflow.get-experiment', fault: { kind: 'status', status: 503 } })
    await expect(check(sandboxCredentials.token)).rejects.toMatchObject({ code: 'unreachable', status: 503 })
  })
})
