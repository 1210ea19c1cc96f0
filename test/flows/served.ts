import express from 'express'
import type { Account } from '../fakes/fediverse.ts'
import { signGet } from '../fakes/fediverse-signature.ts'
import type { Assembly } from '../../src/assembly.ts'
import { startLoopback } from '../net/loopback.ts'
import type { Flow } from './setup.ts'

export const html = 'text/html'

export type Served = {
  /** What an account gets there, which signs; or with HTML, what a browser gets. */
  readonly get: (url: string, accept?: string) => Promise<string>
  readonly close: () => Promise<void>
}

/** All that a running bridge shows to the world. */
export async function serve(
  { worldRoutes }: Assembly,
  { flow, by }: { readonly flow: Flow; readonly by: Account },
): Promise<Served> {
  const app = express()
  for (const routes of worldRoutes) app.use(routes)
  const { origin, close } = await startLoopback(app)
  return {
    async get(address, accept = 'application/activity+json') {
      const url = new URL(address)
      const proof =
        accept === html ? {} : signGet(url, { keyId: by.keyId, key: by.key, now: flow.time.now() })
      const answer = fetch(`${origin}${url.pathname}${url.search}`, {
        headers: { accept, 'x-forwarded-host': url.host, host: url.host, ...proof },
      })
      return (await answer).text()
    },
    close,
  }
}
