import {
  bindAddress,
  commandPrefix,
  domain,
  ghostPrefix,
  hostNames,
  hostsWithPort,
  instant,
  localpart,
  oneOf,
  origin,
  port,
  privateNetworks,
  registrationId,
  secret,
  token,
  webAddress,
  wholeNumber,
} from './values.ts'
import {
  permissionsSetting,
  databaseSetting,
  encryptionKey,
  oldEncryptionKey,
} from './top-settings.ts'
import { about } from './about-settings.ts'
import { limits, newAccounts } from './limit-settings.ts'
import { adminPage } from './admin-page-settings.ts'
import { rooms } from './room-settings.ts'
import { moderation } from './moderation-settings.ts'
import { derived, setting, type Setting } from './setting.ts'

export type { Setting } from './setting.ts'

const homeserver = {
  url: setting(origin('http://127.0.0.1:8008'), {
    about: ["The homeserver's client-server API, as this machine reaches it."],
    sample: 'http://127.0.0.1:8008',
  }),
  server_name: setting(domain('example.org'), {
    about: ["The part after the colon in your users' Matrix ids (server_name in homeserver.yaml)."],
    sample: 'your-domain.example',
    isPlaceholder: true,
  }),
}

const appservice = {
  bind: setting(bindAddress, {
    about: ['Where Footbridge listens for the homeserver. Nobody else needs to reach it.'],
    fallback: '127.0.0.1',
  }),
  port: setting(port, { about: [], fallback: 8710 }),
  url: derived(origin('http://127.0.0.1:8710'), {
    about: [
      'The same, as the homeserver reaches it; written into registration.yaml. Made from bind and',
      'port unless given: containers and other machines need it.',
    ],
    derived: 'http://127.0.0.1:8710',
  }),
  as_token: setting(token, {
    about: ['Footbridge shows this token to the homeserver. Any long random text.'],
    sample: 'replace-this-as-token',
    isPlaceholder: true,
    isSecret: true,
  }),
  hs_token: setting(token, {
    about: ['The homeserver shows this token to Footbridge. Another long random text.'],
    sample: 'replace-this-hs-token',
    isPlaceholder: true,
    isSecret: true,
  }),
  old_as_token: derived(token, {
    about: [
      'The tokens from before "footbridge registration rotate", which writes these three: they are good',
      'beside the new ones until that time, so that the homeserver may be restarted when it suits you.',
    ],
    derived: 'the-as-token-that-was-used-before',
    isSecret: true,
  }),
  old_hs_token: derived(token, {
    about: [],
    derived: 'the-hs-token-that-was-used-before',
    isSecret: true,
  }),
  old_tokens_until: derived(instant, { about: [], derived: '2030-01-31T12:00Z' }),
  id: setting(registrationId, {
    about: ['Name of the registration; must not change later.'],
    fallback: 'footbridge',
  }),
  bot_localpart: setting(localpart, {
    about: ['The bot people talk to: @apbot:your-domain. Must not change later.'],
    fallback: 'apbot',
  }),
  prefix: setting(ghostPrefix, {
    about: [
      'Fediverse accounts are @_ap_<user>_<host>:your-domain on Matrix. Must not change later.',
    ],
    fallback: '_ap_',
  }),
  command_prefix: setting(commandPrefix, {
    about: ['Begins a command outside the direct chat with the bot.'],
    fallback: '!ap',
  }),
  spaces: setting(oneOf(['on', 'off']), {
    about: [
      "Whether each user's rooms are held together by a Space, until that user says otherwise",
      '(`settings space`).',
    ],
    fallback: 'on',
  }),
  send_status: setting(oneOf(['off', 'on']), {
    about: [
      'on: what became of a message is told in an event of its own (com.beeper.message_send_status),',
      'which clients of Beeper show beside the message and all others hide.',
    ],
    fallback: 'off',
  }),
}

const activitypub = {
  bind: setting(bindAddress, {
    about: ['Where Footbridge listens for the fediverse, behind your reverse proxy.'],
    fallback: '127.0.0.1',
  }),
  port: setting(port, { about: [], fallback: 8711 }),
  public_url: setting(origin('https://fedi.example.org'), {
    about: [
      'How the world reaches it: https and a host of its own. The ids of all accounts begin with',
      'it, so it must never change.',
    ],
    sample: 'https://fedi.your-domain.example',
    isPlaceholder: true,
  }),
  handle_domain: setting(domain('example.org'), {
    about: [
      "The domain in your users' fediverse handles, @alice@your-domain.example. Either your server",
      'name, if its web server passes WebFinger requests on to Footbridge (`footbridge init` prints',
      'how), or the host of public_url. It cannot change after the first user.',
    ],
    sample: 'your-domain.example',
    isPlaceholder: true,
  }),
  fetch_mode: setting(oneOf(['signed', 'public']), {
    about: [
      'signed: servers read posts, profiles and lists only when they prove who they are, so that',
      'blocks hold; without, they get no more than the keys. public: what is public is for everybody.',
    ],
    fallback: 'signed',
  }),
  unsigned_fetch_from: setting(hostNames, {
    about: [
      'Servers (with their subdomains) that cannot prove it, and read what is public all the same,',
      'such as [threads.net]. They are known by what they call themselves: anybody can claim that.',
    ],
    fallback: [],
  }),
  rotate_keys_after: setting(wholeNumber(36_500, 'days'), {
    about: [
      'Days after which the keys of an account are replaced by new ones, which other servers are told.',
      '0: never by itself. The command rotate-keys does it at once.',
    ],
    fallback: 0,
  }),
}

const publish = {
  join_media_within: setting(wholeNumber(30, 'seconds'), {
    about: [
      'Text and pictures that somebody sends within so many seconds of each other become one post.',
      'Every message then waits that long before it goes out. 0: each is a post of its own.',
    ],
    fallback: 0,
  }),
}

const media = {
  max_size: setting(wholeNumber(100_000, 'megabytes'), {
    about: [
      'Megabytes that a file of a fediverse post may have; a larger one becomes a link. 0: as many as',
      'the homeserver takes.',
    ],
    fallback: 0,
  }),
  sensitive_media: setting(oneOf(['spoiler', 'link', 'show']), {
    about: [
      'Pictures and films that their authors marked as sensitive. spoiler: veiled in clients that can,',
      'with a line of text for all others. link: only a link. show: like any other.',
    ],
    fallback: 'spoiler',
  }),
  emoji_reactions: setting(oneOf(['text', 'picture']), {
    about: [
      'Reactions with a custom emoji of the fediverse. text: its name, :blobcat:. picture: the picture,',
      'in clients that can (MSC4027); all others show its mxc:// address.',
    ],
    fallback: 'text',
  }),
  cache_size: setting(wholeNumber(1_000_000, 'megabytes'), {
    about: [
      'Megabytes of disk, beside the database, for copies of the pictures and other files that your',
      'users publish: every server that shows them asks for them. 0: no copies.',
    ],
    fallback: 256,
  }),
}

// Within five minutes everybody's clock is right; twelve hours is what Mastodon takes.
const window = wholeNumber(720, 'minutes', 5)

const prune = {
  remote_after: setting(wholeNumber(36_500, 'days'), {
    about: [
      'Days after which Footbridge forgets what nobody used: accounts of other servers that nobody here',
      'follows, reads or wrote with, and what it knew of servers and their files. It asks again when',
      'it needs them. 0: never.',
    ],
    fallback: 90,
  }),
}

const provisioning = {
  access: setting(oneOf(['off', 'on']), {
    about: [
      'Whether programs of your users may follow, unfollow and look up accounts for them, at',
      '/provisioning/v1 of the public address, by an OpenID token of the homeserver. Synapse says whose',
      'it is where its listener has the resource "openid" or "federation".',
    ],
    fallback: 'off',
  }),
  token: derived(secret, {
    about: ['With this token a program of yours may do that for any user. Any long random text.'],
    derived: 'another-long-random-text-of-your-own',
    isSecret: true,
  }),
}

const signatures = {
  max_age: setting(window, {
    about: [
      'Minutes that the signature of what comes from the fediverse may be old. Servers sign anew with',
      'every try, so more helps only those whose clocks are wrong.',
    ],
    fallback: 60,
  }),
  max_ahead: setting(window, {
    about: ['Minutes that it may lie in the future.'],
    fallback: 60,
  }),
}

const network = {
  allow_private: setting(privateNetworks, {
    about: [
      'Hosts and networks that fediverse servers may live in although they are private. Everything',
      'listed here can be reached by whoever sends Footbridge a link: leave it empty on the internet.',
      'Names, addresses or networks, such as [fedi.internal, 127.0.0.1, 172.18.0.0/16].',
    ],
    fallback: [],
  }),
  allow_http: setting(hostsWithPort, {
    about: [
      'Hosts spoken to without TLS, such as [fedi.test:8080]. Only for tests: refused when public_url',
      'is https. Private ones must stand in allow_private as well.',
    ],
    fallback: [],
  }),
}

const metrics = {
  bind: setting(bindAddress, {
    about: ['Where Footbridge tells Prometheus its numbers, at /metrics (docs/metrics.md).'],
    fallback: '127.0.0.1',
  }),
  port: derived(port, {
    about: ['Without a port it tells nobody, and does not even count.'],
    derived: 8712,
  }),
}

const tracing = {
  url: derived(webAddress('http://127.0.0.1:4318/v1/traces'), {
    about: [
      'Where OpenTelemetry takes traces (OTLP over HTTP, JSON): the way of each message, its waits,',
      'tries and requests. Their ids are told, no texts. Without an address nothing is followed.',
    ],
    derived: 'http://127.0.0.1:4318/v1/traces',
  }),
  percent: setting(wholeNumber(100, 'messages of a hundred'), {
    about: ['How many of a hundred messages are followed.'],
    fallback: 100,
  }),
}

const logging = {
  level: setting(oneOf(['debug', 'info', 'warn', 'error']), {
    about: ['The least important lines that are logged: debug, info, warn or error.'],
    fallback: 'info',
  }),
  format: setting(oneOf(['auto', 'json', 'pretty']), {
    about: ['json, pretty, or auto: pretty on a terminal and json elsewhere.'],
    fallback: 'auto',
  }),
}

/**
 * Every setting, once: the sample file, the environment variables, the errors and the type `Config` all
 * follow from this table. It is the shape of the file, in the order of the sample: sections, and
 * settings at the top level.
 */
export const settings = {
  homeserver,
  appservice,
  activitypub,
  permissions: permissionsSetting,
  database: databaseSetting,
  encryption_key: encryptionKey,
  old_encryption_key: oldEncryptionKey,
  rooms,
  publish,
  media,
  prune,
  provisioning,
  signatures,
  limits,
  new_accounts: newAccounts,
  moderation,
  network,
  about,
  metrics,
  tracing,
  admin_page: adminPage,
  logging,
}

export const sectionAbout: Readonly<Record<string, string>> = {
  homeserver: 'Your homeserver',
  appservice: 'The side that faces the homeserver',
  activitypub: 'The side that faces the fediverse',
  rooms: 'Rooms that Footbridge makes',
  publish: 'What your users write',
  media: 'Pictures and other files',
  prune: 'What is not needed any more',
  provisioning: 'Programs of your users',
  signatures: 'Clocks of other servers',
  limits: 'How much of it',
  new_accounts: 'Users of yours who are new',
  moderation: 'Who is kept away',
  network: 'Whom Footbridge may talk to',
  about: 'What the page /about says of this server',
  metrics: 'Numbers for Prometheus',
  tracing: 'Ways of messages for OpenTelemetry',
  admin_page: 'A web page for administrators',
  logging: 'Logs go to standard output',
}

type ValueOf<S> = S extends Setting<infer T> ? T : { readonly [K in keyof S]: ValueOf<S[K]> }
/** What a valid file says, spelt as in the file, defaults filled in. */
export type Values = ValueOf<typeof settings>

/** One setting with its address in the file. */
export type Entry = { readonly path: readonly string[]; readonly setting: Setting<unknown> }

const isSetting = (value: object): value is Setting<unknown> => 'about' in value

/** All settings in the order of the sample file. */
export function allSettings(): readonly Entry[] {
  return Object.entries<object>(settings).flatMap(([name, value]) =>
    isSetting(value) ? [{ path: [name], setting: value }] : inSection(name, value),
  )
}

function inSection(section: string, entries: object): readonly Entry[] {
  return Object.entries(entries).map(([key, setting]: [string, Setting<unknown>]) => ({
    path: [section, key],
    setting,
  }))
}
