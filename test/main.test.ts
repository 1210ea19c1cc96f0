import { expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Config } from '../src/config/config.ts'
import { run } from '../src/main.ts'

/** A port of this machine that nobody listens on now. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

test('what goes wrong shows strangers nothing of the inside', async () => {
  const bind = '127.0.0.1'
  const port = await freePort()
  const config: Config = {
    homeserver: { url: `http://${bind}:1`, serverName: 'hs.test' },
    appservice: {
      ...{ id: 'footbridge', bind, port: await freePort(), url: 'http://footbridge.test' },
      ...{ asToken: 'as-secret', hsToken: 'hs-secret' },
      ...{ botLocalpart: 'apbot', prefix: '_ap_', commandPrefix: '!ap' },
    },
    activitypub: {
      ...{ bind, port },
      ...{ publicUrl: 'https://bridge.example', handleDomain: 'bridge.example' },
    },
    permissions: {},
    database: 'sqlite::memory:',
    network: { allowPrivate: [], allowHttp: [] },
    logging: { level: 'error', format: 'json' },
  }
  const bridge = await run(config)
  const answer = await fetch(`http://${bind}:${port}/actors/%ff/avatar`)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ error: 'bad path' })
  await bridge.stop()
})
