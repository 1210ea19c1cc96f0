import { everybody } from './fediverse-account.ts'
import type { Account, Document } from './fediverse-account.ts'

/** One simulated server: its accounts and what GET answers for them. */
export type Server = {
  readonly host: string
  readonly accounts: Map<string, Account>
  /** Any other file that GET answers, by its path. */
  readonly files: Map<string, FakeFile>
  /** Undefined: deliveries go to each account's own inbox, as with GoToSocial. */
  readonly sharedInbox: string | undefined
  /** Answers only signed GETs, as GoToSocial and Mastodon's secure mode. */
  readonly isSecure: boolean
  /** What is not for everybody is given to followers and to whom it names alone, as by Mastodon. */
  readonly isStrict: boolean
  /** Nobody can reach it. */
  isAway: boolean
  /** What its NodeInfo says, where it has one. */
  software?: string
  softwareVersion?: string
  features?: readonly string[]
}

export type FakeFile = {
  readonly bytes: Buffer
  readonly type?: string
  readonly status?: number
  readonly location?: string
}

export type Answer = {
  readonly status: number
  readonly type?: string
  readonly document?: Document
  readonly bytes?: Buffer
  readonly location?: string
}

const activityJson = 'application/activity+json; charset=utf-8'
const found = (document: Document): Answer => ({ status: 200, type: activityJson, document })
const nothing: Answer = { status: 404 }
const activityStreams = 'https://www.w3.org/ns/activitystreams'

/** `asker`: who has proven to be somebody, so may see more than the public. */
export function answerGet(server: Server, url: URL, asker: string | undefined): Answer {
  if (url.pathname === '/.well-known/webfinger') return webFinger(server, url)
  const file = server.files.get(url.pathname)
  if (file !== undefined) return { status: 200, ...file }
  if (server.software !== undefined && url.pathname.includes('nodeinfo'))
    return nodeInfo(server, url)
  const [, users, name = '', ...rest] = url.pathname.split('/')
  const account = users === 'users' ? server.accounts.get(name) : undefined
  if (account === undefined) return nothing
  if (server.isSecure && asker === undefined) return { status: 401 }
  if (account.isDeleted) return { status: 410 }
  const [kind] = rest
  if (kind === undefined) return found(account.document(server.sharedInbox))
  if (kind === 'outbox')
    return found(outbox(account, url, (n) => isOutboxed(n, server, { account, asker })))
  if (kind === 'followers') return found(followers(account))
  return kind === 'statuses'
    ? note(account, url.href, (n) => mayRead(n, server, { account, asker }))
    : nothing
}

function nodeInfo({ software, softwareVersion, features = [] }: Server, url: URL): Answer {
  const rel = 'http://nodeinfo.diaspora.software/ns/schema/2.0'
  const document =
    url.pathname === '/.well-known/nodeinfo'
      ? { links: [{ rel, href: `${url.origin}/nodeinfo/2.0` }] }
      : {
          version: '2.0',
          software: { name: software, version: softwareVersion ?? '1.0' },
          metadata: { features },
        }
  return { status: 200, type: 'application/json', document }
}

function webFinger({ host, accounts }: Server, url: URL): Answer {
  const resource = url.searchParams.get('resource') ?? ''
  const isMeant = (a: Account) => resource === a.id || resource === `acct:${a.username}@${host}`
  const account = [...accounts.values()].find(isMeant)
  if (account === undefined) return nothing
  if (account.isDeleted) return { status: 410 }
  return {
    status: 200,
    type: 'application/jrd+json',
    document: {
      subject: `acct:${account.username}@${host}`,
      links: [{ rel: 'self', type: 'application/activity+json', href: account.id }],
    },
  }
}

const isPublic = (document: Document): boolean =>
  [document['to'], document['cc']].some((list) => Array.isArray(list) && list.includes(everybody))

type Asker = { readonly account: Account; readonly asker: string | undefined }

function mayRead(document: Document, { isStrict }: Server, { account, asker }: Asker): boolean {
  if (isPublic(document) || asker === undefined) return isPublic(document)
  const named = [document['to'], document['cc']].flat()
  return !isStrict || named.includes(asker) || account.followers.has(asker)
}

/** Mastodon lists for a follower what is for followers; others list what is for everybody. */
const isOutboxed = (document: Document, server: Server, asker: Asker): boolean =>
  isPublic(document) || (server.isStrict && mayRead(document, server, asker))

function note(account: Account, id: string, isReadable: (note: Document) => boolean): Answer {
  const document = account.notes.get(id)
  if (document === undefined || !isReadable(document)) return nothing
  const isTombstone = document['type'] === 'Tombstone'
  return isTombstone ? { status: 410 } : found({ '@context': activityStreams, ...document })
}

const perPage = 20

const createOf = (object: Document, account: Account): Document => ({
  id: `${String(object['id'])}/activity`,
  type: 'Create',
  actor: account.id,
  published: object['published'],
  to: object['to'],
  cc: object['cc'],
  object,
})

function outbox(account: Account, url: URL, isReadable: (note: Document) => boolean): Document {
  const id = `${account.id}/outbox`
  const isListed = (n: Document): boolean => n['type'] === 'Note' || n['type'] === 'Question'
  const notes = [...account.notes.values()].filter((n) => isListed(n) && isReadable(n))
  const items = [...notes.map((note) => createOf(note, account)), ...account.boosts]
    .sort((a, b) => String(a['published']).localeCompare(String(b['published'])))
    .reverse()
  const page = url.searchParams.get('page')
  const head = { '@context': activityStreams, totalItems: items.length }
  if (page === null) return { ...head, id, type: 'OrderedCollection', first: `${id}?page=1` }
  const start = (Number(page) - 1) * perPage
  const hasMore = items.length > start + perPage
  return {
    ...head,
    id: `${id}?page=${page}`,
    type: 'OrderedCollectionPage',
    partOf: id,
    ...(hasMore ? { next: `${id}?page=${Number(page) + 1}` } : {}),
    orderedItems: items.slice(start, start + perPage),
  }
}

const followers = (account: Account): Document => ({
  '@context': activityStreams,
  id: `${account.id}/followers`,
  type: 'OrderedCollection',
  totalItems: account.followers.size,
})
