import { createPublicKey, type KeyObject } from 'node:crypto'
import type http from 'node:http'
import { request } from 'undici'
import { createSystemClock } from '../../src/net/clock.ts'
import { createFediverse, type BridgeInbox, type FakeFediverse } from './fediverse.ts'
import type { Signed } from './fediverse-signature.ts'
import { serve } from './serve.ts'

/** The fediverse in memory as servers that really listen, and speak to a bridge that does too. */
export type LoopbackFediverse = {
  readonly fediverse: FakeFediverse
  /** One for each server. */
  readonly hosts: readonly string[]
  /** The bridge's inbox, for `flush`. */
  readonly inbox: BridgeInbox
  stop(): Promise<void>
}

/** Keys of the bridge's actors, as any server gets them. */
function createKeyFinder(): (keyId: string) => Promise<KeyObject | undefined> {
  const known = new Map<string, KeyObject>()
  return async (keyId) => {
    const kept = known.get(keyId)
    if (kept !== undefined) return kept
    const { body } = await request(keyId, { headers: { accept: 'application/activity+json' } })
    const { publicKey } = (await body.json()) as { publicKey: { publicKeyPem: string } }
    const key = createPublicKey(publicKey.publicKeyPem)
    known.set(keyId, key)
    return key
  }
}

/** One request; the answer's status. */
export async function send(
  method: 'POST' | 'PUT',
  url: string,
  { headers, body }: Omit<Signed, 'target'>,
): Promise<number> {
  const answer = await request(url, { method, headers, body })
  await answer.body.dump()
  return answer.statusCode
}

/** `performed`: see `serve`. */
export async function startLoopbackFediverse(
  publicUrl: string,
  count: number,
  performed: (request: http.IncomingMessage) => Promise<'answer' | 'silence'> = async () =>
    'answer',
): Promise<LoopbackFediverse> {
  const fediverse = createFediverse({
    clock: createSystemClock(),
    publicUrl,
    scheme: 'http',
    findKey: createKeyFinder(),
  })
  const servers = await Promise.all(
    Array.from({ length: count }, () => serve(fediverse.http, performed)),
  )
  return {
    fediverse,
    hosts: servers.map(({ port }) => `127.0.0.1:${port}`),
    inbox: async (signed) => ({
      status: await send('POST', `${publicUrl}${signed.target}`, signed),
    }),
    async stop() {
      for (const server of servers) await server.stop()
    },
  }
}
