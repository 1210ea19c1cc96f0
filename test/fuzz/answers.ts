import { generateKeyPairSync } from 'node:crypto'
import type { HttpResponse } from '../../src/model/http.ts'
import { RejectedError, TransientError } from '../../src/model/errors.ts'
import { createDiscovery } from '../../src/activitypub/discovery.ts'
import { createDocumentFetch } from '../../src/activitypub/fetch.ts'
import { fetchNews } from '../../src/activitypub/news.ts'
import { createNodeInfoClient } from '../../src/activitypub/nodeinfo-client.ts'
import {
  fetchFeatured,
  fetchFollowers,
  fetchOutbox,
  listFeatured,
} from '../../src/activitypub/outbox.ts'
import { asActorId } from '../../src/model/ids.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { Chance } from '../simulation/chance.ts'
import { throughSink } from '../support/whole.ts'
import { mangle } from './bytes.ts'
import { validDocuments } from './documents.ts'
import { mutate, write } from './mutate.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { oddText, pickFrom } from './values.ts'

const host = 'social.test'
const bob = `https://${host}/bob`
const bobs: RemoteActor = {
  ...{
    id: asActorId(bob),
    kind: 'Person',
    username: 'bob',
    host,
    inbox: `${bob}/inbox`,
    publicKeys: [],
    fetchedAt: 0,
  },
  ...{ outbox: `${bob}/outbox`, featured: `${bob}/featured`, followers: `${bob}/followers` },
}

const finger = {
  subject: `acct:bob@${host}`,
  aliases: [bob],
  links: [
    {
      rel: 'http://webfinger.net/rel/profile-page',
      type: 'text/html',
      href: `https://${host}/@bob`,
    },
    { rel: 'self', type: 'application/activity+json', href: bob },
    {
      rel: 'http://ostatus.org/schema/1.0/subscribe',
      template: `https://${host}/follow?uri={uri}`,
    },
  ],
}
const nodeinfos = {
  links: ['2.0', '2.1'].map((version) => ({
    rel: `http://nodeinfo.diaspora.software/ns/schema/${version}`,
    href: `https://${host}/nodeinfo/${version}`,
  })),
}
const nodeinfo = {
  ...{
    version: '2.1',
    protocols: ['activitypub'],
    openRegistrations: true,
    usage: { users: { total: 5 } },
  },
  software: { name: 'pleroma', version: '2.9' },
  metadata: { features: ['pleroma_chat_messages'] },
}
const hostMeta = `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" type="application/jrd+json" template="https://finger.test/wf?r={uri}"/></XRD>`

const documents = validDocuments()
const isOfBob = (value: unknown): boolean =>
  JSON.stringify(value).startsWith('{"@context"') &&
  JSON.stringify(value).includes('"preferredUsername"')
const actors = documents.filter(isOfBob)

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Its bytes, each as one character. */
  readonly body: string
}

/** Answers by what is asked for; of several documents each once, then the last again. */
type Web = {
  readonly finger: Answer
  readonly meta: Answer
  readonly nodeinfo: Answer
  readonly documents: readonly Answer[]
}

const kinds = [
  'lookup',
  'link',
  'actor',
  'server',
  'outbox',
  'featured',
  'pins',
  'news',
  'followers',
] as const
type Input = { readonly ask: (typeof kinds)[number]; readonly web: Web }

const mediaTypes = [
  ...[
    'application/activity+json',
    'application/activity+json; charset=utf-8',
    'application/jrd+json',
    'text/html',
  ],
  'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
]

function answer(text: string, chance: Chance): Answer {
  const bytes = chance.happens(0.1) ? mangle(text, chance) : Buffer.from(text)
  const isUsual = chance.happens(0.9)
  const isNamed = chance.happens(0.95)
  return {
    status: isUsual
      ? 200
      : pickFrom(chance, [301, 302, 404, 410, 401, 403, 429, 500, 503, 204, 418], 404),
    headers: {
      'content-type': isNamed
        ? pickFrom(chance, mediaTypes.slice(0, isUsual ? 2 : 5), '')
        : oddText(chance),
      ...(isUsual ? {} : { location: chance.happens(0.5) ? bob : oddText(chance) }),
      ...(isUsual ? {} : { 'retry-after': chance.happens(0.5) ? '120' : oddText(chance) }),
    },
    body: bytes.toString('latin1'),
  }
}

const changed = (value: unknown, chance: Chance): string =>
  write(mutate(value, chance.pick(documents), chance))

function hostileWeb(chance: Chance): Web {
  const document = (): unknown =>
    chance.happens(0.5) ? chance.pick(actors) : chance.pick(documents)
  const meta = chance.happens(0.5)
    ? hostMeta
    : hostMeta.replace(/lrdd|\{uri\}|https:[^"]*/, oddText(chance))
  return {
    finger: answer(changed(finger, chance), chance),
    meta: answer(meta, chance),
    nodeinfo: answer(changed(chance.happens(0.5) ? nodeinfos : nodeinfo, chance), chance),
    documents: Array.from({ length: chance.between(1, 4) }, () =>
      answer(changed(document(), chance), chance),
    ),
  }
}

const signer = async () => ({ keyId: 'https://us.test/actor#key', privateKey })
const { privateKey } = generateKeyPairSync('ed25519')

const mostRequests = 150

/** A web that says what the input says; throws for what is asked too often. */
function createWeb(web: Web) {
  let asked = 0
  let time = 0
  const clock = { now: () => time, sleep: async (ms: number) => void (time += ms) }
  const answerTo = (url: string): Answer => {
    const { pathname } = new URL(url)
    if (/webfinger|^\/wf/.test(pathname)) return web.finger
    if (pathname.includes('host-meta')) return web.meta
    if (pathname.includes('nodeinfo'))
      return asked > 1 ? { ...web.nodeinfo, body: JSON.stringify(nodeinfo) } : web.nodeinfo
    return web.documents[Math.min(asked - 1, web.documents.length - 1)] ?? web.finger
  }
  const http = async (request: Parameters<typeof throughSink>[0]): Promise<HttpResponse> => {
    asked += 1
    promise(asked <= mostRequests, `${mostRequests} requests for one question`)
    const { status, headers, body } = answerTo(request.url)
    const bytes = Buffer.from(body, 'latin1')
    if (bytes.length > request.maxBytes) throw new RejectedError('too large', { code: 'too-large' })
    return throughSink(request, { status, headers, body: bytes })
  }
  return { http, clock }
}

function ask({ ask: kind, web }: Input): Promise<unknown> {
  const { http, clock } = createWeb(web)
  const given = { http, clock, userAgent: 'Footbridge', allowHttp: [] }
  // What signs is not looked at here.
  const fetchDocument = createDocumentFetch({
    ...given,
    signer,
    keyOf: signer,
    http: (request) => http(request),
  })
  const deps = { ...given, fetchDocument }
  const discovery = createDiscovery(deps)
  switch (kind) {
    case 'lookup':
      return discovery.lookup({ username: 'bob', host })
    case 'link':
      return discovery.lookup({ url: `https://${host}/@bob` })
    case 'actor':
      return discovery.fetchActor(asActorId(bob))
    case 'server':
      return createNodeInfoClient(given)(host)
    case 'outbox':
      return fetchOutbox(bobs, { limit: 20 }, deps)
    case 'featured':
      return fetchFeatured(bobs, 20, deps)
    case 'pins':
      return listFeatured(bobs, 20, deps)
    case 'news':
      return fetchNews(bobs, { since: 0, limit: 20, isLast: true }, deps)
    case 'followers':
      return fetchFollowers(
        bobs,
        { collectionId: `${bob}/followers`, url: `${bob}/followers`, digest: '' },
        deps,
      )
  }
}

async function check(input: Buffer, measure: Measure): Promise<void> {
  try {
    await measure(() => ask(fromInput(input) as Input))
  } catch (error) {
    if (!(error instanceof RejectedError) && !(error instanceof TransientError)) throw error
    // What a user reads of it.
    if (error instanceof RejectedError && error.tell !== undefined)
      promise(error.tell.trim() !== '' && error.tell.length < 5_000, 'a text for the user is none')
  }
}

export const answersTarget: Target = {
  name: 'answers',
  share: 70,
  make: (chance) => toInput({ ask: pickFrom(chance, kinds, 'lookup'), web: hostileWeb(chance) }),
  check,
}
