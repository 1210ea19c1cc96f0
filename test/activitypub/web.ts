import { generateKeyPairSync } from 'node:crypto'

import type { Http, HttpRequest, HttpResponse } from '../../src/model/http.ts'
import type { Clock } from '../../src/model/clock.ts'
import { createDocumentFetch } from '../../src/activitypub/fetch.ts'
import { TransientError } from '../../src/model/errors.ts'
import { signedHttpOf } from '../support/signed-http.ts'
import { throughSink } from '../support/whole.ts'

export type Page =
  | { readonly json: unknown; readonly type?: string; readonly status?: number }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly body: Buffer; readonly type?: string }
  | Error

export type Web = {
  readonly http: Http
  readonly clock: Clock & { time: number }
  /** By URL; a URL that is missing answers 404, a host without any page is not there. */
  readonly pages: Record<string, Page>
  readonly requests: HttpRequest[]
  /** URLs asked for, in order. */
  readonly asked: () => readonly string[]
}

const response = (page: Page): HttpResponse => {
  if (page instanceof Error) throw page
  if ('json' in page) {
    return {
      status: page.status ?? 200,
      headers: { 'content-type': page.type ?? 'application/activity+json; charset=utf-8' },
      body: Buffer.from(typeof page.json === 'string' ? page.json : JSON.stringify(page.json)),
    }
  }
  if ('body' in page) {
    return { status: 200, headers: { 'content-type': page.type ?? 'text/html' }, body: page.body }
  }
  return { status: page.status, headers: page.headers ?? {}, body: Buffer.alloc(0) }
}

/** A web of a few pages, without a network. */
export function createWeb(pages: Record<string, Page> = {}): Web {
  const requests: HttpRequest[] = []
  const clock = {
    time: Date.UTC(2026, 7, 1, 12),
    now: () => clock.time,
    sleep: (ms: number) => {
      clock.time += ms
      return Promise.resolve()
    },
  }
  return {
    pages,
    clock,
    requests,
    asked: () => requests.map((request) => request.url),
    http: async (request) => {
      requests.push(request)
      const page = pages[request.url]
      if (page !== undefined) return throughSink(request, response(page))
      const { host } = new URL(request.url)
      if (Object.keys(pages).some((url) => new URL(url).host === host)) {
        return throughSink(request, response({ status: 404 }))
      }
      const cause = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
      throw new TransientError(`GET ${host}: no such name`, { cause })
    },
  }
}

export const instanceKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
/** Of everybody else here. */
const personKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
const instanceKeyId = 'https://fedi.example.org/actor#main-key'

export const documentFetchOf = ({ http, clock }: Web) =>
  createDocumentFetch({
    http: signedHttpOf(http, clock),
    clock,
    userAgent: 'Footbridge/0 (+https://fedi.example.org)',
    signer: async () => ({ keyId: instanceKeyId, privateKey: instanceKey.privateKey }),
    keyOf: async (id) => ({ keyId: `${id}#main-key`, privateKey: personKey.privateKey }),
  })

export const publicPem = (pair: typeof instanceKey): string =>
  pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** A small actor document as Mastodon might serve it. */
export const actorDocument = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1'],
  id,
  type: 'Person',
  preferredUsername: 'bob',
  inbox: `${id}/inbox`,
  outbox: `${id}/outbox`,
  publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: publicPem(instanceKey) },
  ...more,
})

/** What an error says to the program and to the user. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await promise }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const detail = (name: string): unknown => Reflect.get(error, name)
    const picked = Object.entries({
      name: error.name,
      code: detail('code'),
      tell: detail('tell'),
      retryAt: detail('retryAt'),
    })
    return Object.fromEntries(picked.filter(([, value]) => value !== undefined))
  }
}
