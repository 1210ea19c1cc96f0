import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { call, demand } from './json-http.ts'
import { waitUntil } from './wait.ts'
import { makeFolder, repository, runProgram, runWithInput, startProgram } from './process.ts'
import { freePort } from '../../support/free-port.ts'

/** The parts of a Mastodon API status that tests look at. */
export type SnacStatus = {
  readonly id: string
  /** The ActivityPub id. */
  readonly uri: string
  readonly content: string
  /** Read, `private` is everything that is not public. */
  readonly visibility: 'public' | 'unlisted' | 'private' | 'direct'
  readonly spoiler_text: string
  readonly account: {
    readonly uri?: string
    readonly acct: string
    readonly url: string
    readonly display_name: string
  }
  readonly in_reply_to_id: string | null
  readonly favourites_count: number
  readonly created_at: string
  readonly reblogs_count: number
  readonly reblog: SnacStatus | null
  readonly poll?: {
    readonly votes_count: number
    /** Where no end is known, the API has no poll at all. */
    readonly expires_at: string
    readonly options: readonly { readonly title: string; readonly votes_count: number }[]
  } | null
  readonly media_attachments: readonly SnacFile[]
  readonly emojis: readonly { readonly shortcode: string; readonly url: string }[]
}

export type SnacFile = {
  readonly id: string
  readonly type: string
  readonly url: string
  /** Alt text. */
  readonly description: string
}

export type FileToPost = {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly name: string
  readonly alt: string
}

/** At most four of them stand in a note. */
export type LinkedFile = { readonly url: string; readonly alt: string }

export type ProfileChange = {
  readonly name?: string
  readonly avatar?: Uint8Array
  readonly bio?: string
}

export type SnacUser = {
  readonly name: string
  /** The actor id. */
  readonly id: string
  readonly handle: string
  /** `actor` is an actor id or a handle. */
  follow(actor: string): Promise<unknown>
  unfollow(actor: string): Promise<unknown>
  note(text: string, visibility?: SnacStatus['visibility']): Promise<SnacStatus>
  /** At most four files. */
  noteWith(text: string, files: readonly FileToPost[]): Promise<SnacStatus>
  reply(to: SnacStatus, text: string, visibility?: SnacStatus['visibility']): Promise<SnacStatus>
  /** To that actor alone; the text mentions nobody, since snac's mentions know no ports. */
  direct(actor: string, text: string): Promise<SnacStatus>
  /** One choice, for an hour. */
  ask(question: string, options: readonly string[]): Promise<SnacStatus>
  vote(poll: SnacStatus, by: string, choice: string): Promise<void>
  edit(status: SnacStatus, text: string): Promise<SnacStatus>
  /** A public note behind a content warning. */
  warn(warning: string, text: string): Promise<SnacStatus>
  /** Other words and files, and no warning; the API changes words alone. */
  rewrite(status: SnacStatus, text: string, files: readonly LinkedFile[]): Promise<void>
  remove(status: SnacStatus): Promise<void>
  like(status: SnacStatus): Promise<void>
  unlike(status: SnacStatus): Promise<void>
  boost(status: SnacStatus): Promise<void>
  /** Names another account as its own, from where it may move here, or to where it goes. */
  alias(actor: string): Promise<unknown>
  /** Moves to the account that it has named, where that one has named it. */
  migrate(): Promise<unknown>
  /** Reads an account, and keeps it. */
  meet(actor: string): Promise<unknown>
  /** Asks whether an account is there; its answer stands in the output. */
  ping(actor: string): Promise<unknown>
  /** Tells nobody: it is in the `featured` of the account from then on. */
  pin(status: SnacStatus): Promise<unknown>
  /** Tells the followers. */
  changeProfile(change: ProfileChange): Promise<void>
  /** The home timeline, newest first: no replies of others, those are notifications. */
  timeline(): Promise<readonly SnacStatus[]>
  /** The note with this text in the timeline or the notifications, once it is there. */
  reads(text: string, timeout?: number): Promise<SnacStatus>
  /** A document of another server, as snac reads it with this user's signature. */
  request(id: string): Promise<unknown>
  /** What snac's own web page shows the user, HTML. */
  page(): Promise<string>
  notifications(): Promise<readonly { readonly type: string; readonly status?: SnacStatus }[]>
}

export type Snac = {
  readonly url: string
  user(name: string): SnacUser
  stop(): Promise<void>
  kill(): Promise<void>
  /** The same data and port again. */
  start(): Promise<void>
  output(): string
}

const program = path.join(repository, '.cache/peers/snac/usr/bin/snac')

/** A snac2 server on loopback over plain http, with these users. */
export type SnacOptions = {
  readonly users: readonly string[]
  readonly port?: number
  /** `:name:` and the https URL of its picture: snac takes any other for words. */
  readonly emojis?: Readonly<Record<string, string>>
}

export async function startSnac(options: SnacOptions): Promise<Snac> {
  const port = options.port ?? (await freePort())
  const host = `127.0.0.1:${port}`
  const folder = path.join(await makeFolder('snac'), 'data')
  await runWithInput([program, 'init', folder], `127.0.0.1\n${port}\n${host}\n\n\n`)
  await adjustConfig(path.join(folder, 'server.json'))
  if (options.emojis !== undefined)
    await writeFile(path.join(folder, 'emojis.json'), JSON.stringify(options.emojis))
  const passwords = new Map<string, string>()
  for (const name of options.users) {
    const printed = await runWithInput([program, 'adduser', folder, name], '\n\n')
    passwords.set(name, /password is (\S+)/.exec(printed)?.[1] ?? '')
  }
  const url = `http://${host}`
  const launch = () =>
    startProgram({
      name: 'snac',
      command: [program, 'httpd', folder],
      isReady: async () => (await call({ url: `${url}/api/v1/instance` })).status === 200,
    })
  let running = await launch()
  const users = new Map<string, SnacUser>()
  for (const [name, password] of passwords) {
    const token = await logIn(url, name, password)
    users.set(name, makeUser({ url, folder, name, token, password }))
  }
  return {
    url,
    user: (name) => {
      const user = users.get(name)
      if (user === undefined) throw new Error(`snac has no user ${name}`)
      return user
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    start: async () => {
      running = await launch()
    },
    output: () => running.output(),
  }
}

/** Plain http, and an immediate next try for what did not arrive. */
async function adjustConfig(file: string): Promise<void> {
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  const changes = { protocol: 'http', queue_retry_minutes: 0, queue_retry_max: 1000 }
  await writeFile(file, JSON.stringify({ ...config, ...changes }))
}

async function logIn(url: string, login: string, passwd: string): Promise<string> {
  const form = { login, passwd }
  const { text } = await call({ method: 'POST', url: `${url}/oauth/x-snac-get-token`, form })
  return text.trim()
}

type Account = {
  readonly url: string
  readonly folder: string
  readonly name: string
  readonly token: string
  readonly password: string
}

const authorizationOf = ({ name, password }: Pick<Account, 'name' | 'password'>): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

/**
 * A form of the web pages: `note` is the one way to address an actor that the text does not mention,
 * `action` the one to delete.
 */
async function submitForm(
  { url, name, password }: Account,
  form: 'note' | 'action' | 'vote',
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const body = new FormData()
  for (const [field, value] of Object.entries(fields)) body.append(field, value)
  const headers = { authorization: authorizationOf({ name, password }) }
  const options = { method: 'POST', headers, body, redirect: 'manual' } as const
  const { status } = await fetch(`${url}/${name}/admin/${form}`, options)
  if (status !== 303) throw new Error(`snac's form answered ${status}`)
}

/** `avatar` is a PNG. */
async function changeProfile(
  { url, token }: Account,
  { name, avatar, bio }: ProfileChange,
): Promise<void> {
  const body = new FormData()
  if (name !== undefined) body.append('display_name', name)
  if (bio !== undefined) body.append('note', bio)
  if (avatar !== undefined) {
    body.append('avatar', new Blob([Buffer.from(avatar)], { type: 'image/png' }), 'avatar.png')
  }
  const headers = { authorization: `Bearer ${token}` }
  const options = { method: 'PATCH', headers, body }
  const { status } = await fetch(`${url}/api/v1/accounts/update_credentials`, options)
  if (status !== 200) throw new Error(`snac's profile answered ${status}`)
}

async function uploadFile(
  { url, token }: Account,
  { bytes, mediaType, name, alt }: FileToPost,
): Promise<SnacFile> {
  const body = new FormData()
  body.append('file', new Blob([Buffer.from(bytes)], { type: mediaType }), name)
  body.append('description', alt)
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/api/v2/media`, { method: 'POST', headers, body })
  if (answer.status !== 200) throw new Error(`snac's upload answered ${answer.status}`)
  return (await answer.json()) as SnacFile
}

const linkedFields = (files: readonly LinkedFile[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    files.flatMap(({ url, alt }, at) => [
      [`attach_url_${at}`, url],
      [`alt_text_${at}`, alt],
    ]),
  )

function makeUser(account: Account): SnacUser {
  const { url, folder, name, token } = account
  const get = <T>(what: string): Promise<T> => demand<T>({ url: `${url}/api/v1/${what}`, token })
  const act = <T>(what: string, json: unknown = {}): Promise<T> =>
    demand<T>({ method: 'POST', url: `${url}/api/v1/${what}`, token, json })
  const command = (verb: string, actor: string) => runProgram([program, verb, folder, name, actor])
  const timeline: SnacUser['timeline'] = () => get('timelines/home?limit=40')
  const notifications: SnacUser['notifications'] = () => get('notifications?limit=40')
  const find = async (text: string): Promise<SnacStatus | undefined> => {
    const noticed = (await notifications()).flatMap(({ status }) => status ?? [])
    return [...(await timeline()), ...noticed].find(({ content }) => content.includes(text))
  }
  const reads: SnacUser['reads'] = (text, timeout) =>
    waitUntil(`${name} reads "${text}"`, () => find(text), timeout)
  const at = ({ id }: SnacStatus): string => `statuses/${encodeURIComponent(id)}`
  return {
    name,
    id: `${url}/${name}`,
    handle: `@${name}@${new URL(url).host}`,
    follow: (actor) => command('follow', actor),
    unfollow: (actor) => command('unfollow', actor),
    alias: (actor) => command('alias', actor),
    meet: (actor) => command('actor', actor),
    ping: (actor) => command('ping', actor),
    pin: ({ uri }) => command('pin', uri),
    migrate: () => runProgram([program, 'migrate', folder, name]),
    note: (text, visibility = 'public') => act('statuses', { status: text, visibility }),
    noteWith: async (text, files) => {
      const media_ids: string[] = []
      for (const file of files) media_ids.push((await uploadFile(account, file)).id)
      return act('statuses', { status: text, visibility: 'public', media_ids })
    },
    reply: (to, text, visibility = 'public') =>
      act('statuses', { status: text, visibility, in_reply_to_id: to.id }),
    direct: async (actor, text) => {
      await submitForm(account, 'note', { content: text, to: actor })
      return reads(text)
    },
    ask: async (question, options) => {
      const poll = { poll_options: options.join('\n'), poll_multiple: 'off', poll_end_secs: '3600' }
      await submitForm(account, 'note', { content: question, ...poll })
      return reads(question)
    },
    vote: ({ uri }, by, choice) =>
      submitForm(account, 'vote', { actor: by, irt: uri, question: choice }),
    edit: (status, text) =>
      demand({ method: 'PUT', url: `${url}/api/v1/${at(status)}`, token, json: { status: text } }),
    warn: (warning, text) =>
      act('statuses', { status: text, visibility: 'public', spoiler_text: warning }),
    rewrite: ({ uri }, text, files) =>
      submitForm(account, 'note', { content: text, edit_id: uri, ...linkedFields(files) }),
    remove: ({ uri }) =>
      submitForm(account, 'action', { id: uri, actor: `${url}/${name}`, action: 'Delete' }),
    like: (status) => act(`${at(status)}/favourite`),
    unlike: (status) => act(`${at(status)}/unfavourite`),
    boost: (status) => act(`${at(status)}/reblog`),
    changeProfile: (change) => changeProfile(account, change),
    timeline,
    request: async (id) => {
      const printed = await runWithInput([program, 'request', folder, name, id], '')
      return JSON.parse(
        printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1),
      ) as unknown
    },
    page: async () => {
      const headers = { authorization: authorizationOf(account) }
      return (await fetch(`${url}/${name}/admin`, { headers })).text()
    },
    notifications,
    reads,
  }
}
