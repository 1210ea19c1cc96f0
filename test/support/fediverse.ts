import type { Fediverse } from '../../src/bridge/ports.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { formatHandle, type Handle } from '../../src/model/handle.ts'
import { asActivityId, asActorId } from '../../src/model/ids.ts'
import type { ActorId } from '../../src/model/ids.ts'
import type { Note } from '../../src/model/note.ts'
import { createMemoryFiles } from './memory-files.ts'

type Target = Parameters<Fediverse['lookup']>[0]

/** The fediverse as a port that remembers: accounts and posts that a test put there, and what was asked. */
export type RecordingFediverse = Fediverse & {
  /** `user@host`; its server is `https://host`. */
  addAccount(handle: string, other?: Partial<RemoteActor>): RemoteActor
  addNote(note: Note): void
  /** Who of ours follows an account, as its server lists them; absent: another list than was spoken of. */
  readonly followerLists: Map<string, readonly ActorId[]>
  /** What lies at a URL, or what comes of asking for it. */
  readonly files: Map<string, Buffer | Error>
  /** Files that were asked for, in order. */
  readonly fetched: readonly string[]
  /** How many of them nobody has discarded. */
  openFiles(): number
  /** What was looked up, as handle or URL. */
  readonly lookups: readonly string[]
  /** Runs before each look-up is answered: throw to be away, wait to be slow. */
  beforeLookup: (target: Target) => Promise<void>
}

function accountOf(handle: string): RemoteActor {
  const [username = '', host = ''] = handle.split('@')
  const id = `https://${host}/users/${username}`
  return {
    id: asActorId(id),
    kind: 'Person',
    username,
    host,
    url: `https://${host}/@${username}`,
    inbox: `${id}/inbox`,
    sharedInbox: `https://${host}/inbox`,
    outbox: `${id}/outbox`,
    followers: `${id}/followers`,
    publicKeys: [],
    fetchedAt: 0,
  }
}

const isNamed = (actor: RemoteActor, target: Target): boolean =>
  'url' in target
    ? target.url === actor.id || target.url === actor.url
    : target.host === actor.host && target.username.toLowerCase() === actor.username.toLowerCase()

const nameOf = (target: Target): string => ('url' in target ? target.url : formatHandle(target))

const notFound = (name: string, host: string): RejectedError =>
  new RejectedError(`no ${name}`, {
    code: 'not-found',
    tell: `I cannot find ${name}: ${host} says there is no such account.`,
  })

const memory = await createMemoryFiles()

function fileShelf(): Pick<RecordingFediverse, 'files' | 'fetched' | 'openFiles' | 'fetchFile'> {
  const files: RecordingFediverse['files'] = new Map()
  const fetched: string[] = []
  const openBefore = memory.open()
  return {
    files,
    fetched,
    openFiles: () => memory.open() - openBefore,
    fetchFile: async (url, { maxBytes }) => {
      fetched.push(url)
      const bytes = files.get(url) ?? new RejectedError(`no ${url}`, { code: 'not-found' })
      if (bytes instanceof Error) throw bytes
      if (bytes.length > maxBytes) throw new RejectedError(url, { code: 'too-large' })
      const file = await memory.create()
      await file.write(bytes)
      return { file, facts: await memory.inspect(file) }
    },
  }
}

type Documents = Omit<Fediverse, 'lookup' | 'fetchActor' | 'fetchFile'>

function documents(notes: readonly Note[], lists: RecordingFediverse['followerLists']): Documents {
  return {
    async fetchNote(id) {
      const note = notes.find((one) => one.id === id)
      if (note === undefined) throw new RejectedError(`no ${id}`, { code: 'not-found' })
      return note
    },
    fetchOutbox: async (actor, limit) =>
      notes
        .filter(({ author }) => author === actor.id)
        .slice(-limit)
        .reverse(),
    fetchStamp: async (id) => {
      throw new RejectedError(`no ${id}`, { code: 'not-found' })
    },
    fetchFeatured: async () => ({ notes: [], isWhole: true }),
    listFeatured: async () => [],
    fetchFollowers: async (actor) => lists.get(actor.id),
    fetchNews: async (actor, { since }) =>
      notes
        .filter(({ author, published = 0 }) => author === actor.id && published >= since)
        .map((note) => ({
          activity: {
            id: asActivityId(`${note.id}/activity`),
            actor: actor.id,
            type: 'create',
            object: { ref: note.id, embedded: note },
          },
          at: note.published ?? 0,
        })),
    async openNote(url) {
      const note = notes.find((one) => one.id === url || one.url === url)
      if (note === undefined) throw new RejectedError(`no ${url}`, { code: 'not-found' })
      return note
    },
    fetchServer: async (host) => ({ host, fetchedAt: 0 }),
    // Not as on the wire: what the bridge said, whole.
    serialize: (activity) => JSON.stringify(activity),
    serializeNote: (activity) =>
      activity.type === 'create' || activity.type === 'update'
        ? JSON.stringify(activity.note)
        : undefined,
  }
}

export function createRecordingFediverse(): RecordingFediverse {
  const accounts: RemoteActor[] = []
  const notes: Note[] = []
  const lookups: string[] = []
  const find = (target: Target): RemoteActor => {
    const found = accounts.find((actor) => isNamed(actor, target))
    if (found !== undefined) return found
    throw notFound(nameOf(target), hostOf(target))
  }
  const followerLists: RecordingFediverse['followerLists'] = new Map()
  const fediverse: RecordingFediverse = {
    ...documents(notes, followerLists),
    followerLists,
    ...fileShelf(),
    lookups,
    beforeLookup: async () => undefined,
    async lookup(target) {
      lookups.push(nameOf(target))
      await fediverse.beforeLookup(target)
      return find(target)
    },
    fetchActor: async (id) => find({ url: id }),
    addAccount(handle, other = {}) {
      const actor = { ...accountOf(handle), ...other }
      accounts.push(actor)
      return actor
    },
    addNote: (note) => void notes.push(note),
  }
  return fediverse
}

const hostOf = (target: Handle | { readonly url: string }): string =>
  'url' in target ? new URL(target.url).host : target.host
