import { describe, expect, test } from '@jest/globals'
import { load, problemsOf, validFile } from './example.ts'

type Row = readonly [title: string, from: string | RegExp, to: string, message: string]

const domains = 'a domain in lower case (with its port where it has one), such as example.org'
const origins = (example: string) =>
  `http:// or https://, a host and perhaps a port, without path, such as ${example}`
const tokens = 'at least 16 printable characters without spaces; `openssl rand -hex 32` prints one'
const people =
  'one line for each user id, domain or "*" with none, follow, user or admin, such as example.org: user'
const form = 'config.sample.yaml shows the form; indent with spaces, quote texts that hold : or #.'

const rows: readonly Row[] = [
  [
    'a missing setting is named at its section',
    '  server_name: example.org\n',
    '',
    `config.yaml:1: homeserver.server_name is missing.\n  Allowed: ${domains}.`,
  ],
  [
    'a missing section has no line',
    /permissions:\n.*\n/,
    '',
    `config.yaml: permissions is missing.\n  Allowed: ${people}.`,
  ],
  [
    'an empty value is missing',
    'server_name: example.org',
    'server_name:',
    `config.yaml:3: homeserver.server_name is missing.\n  Allowed: ${domains}.`,
  ],
  [
    'an unknown key names the nearest one',
    '  server_name:',
    '  servername: x\n  server_name:',
    'config.yaml:3: there is no setting homeserver.servername.\n  Did you mean server_name?',
  ],
  [
    'an unknown key like no other names all',
    '  server_name:',
    '  colour: red\n  server_name:',
    'config.yaml:3: there is no setting homeserver.colour.\n  Allowed here: url, server_name.',
  ],
  [
    'neither true nor false',
    'permissions:',
    'rooms: { federate: on }\npermissions:',
    'config.yaml:10: rooms.federate is "on".\n  Allowed: true, false.',
  ],
  [
    'an unknown section',
    'permissions:',
    'authentication: {}\npermissions:',
    'config.yaml:10: there is no setting authentication.\n  Allowed here: homeserver, appservice, activitypub, permissions, database, encryption_key, old_encryption_key, rooms, publish, media, prune, provisioning, signatures, limits, new_accounts, moderation, network, about, metrics, tracing, admin_page, logging.',
  ],
  [
    'a section that is none',
    'permissions:',
    'logging: debug\npermissions:',
    'config.yaml:10: logging is no section.\n  Allowed under it: level, format.',
  ],
  [
    'a key said twice',
    '  server_name: example.org',
    '  server_name: example.org\n  server_name: example.net',
    'config.yaml:4: this section or setting stands in the file already.\n  Keep one of the two, with what is under both.',
  ],
  [
    'a tab as indentation',
    '  server_name: example.org',
    '\tserver_name: example.org',
    'config.yaml:3: this is not valid YAML: Tabs are not allowed as indentation.\n  config.sample.yaml shows the form; indent with spaces, quote texts that hold : or #.',
  ],
  [
    'an alias of nothing',
    'example.org: user',
    'example.org: *nothing',
    'config.yaml: this is not valid YAML: Unresolved alias (the anchor must be set before the alias): nothing.\n  config.sample.yaml shows the form; indent with spaces, quote texts that hold : or #.',
  ],
  [
    'a list instead of sections',
    /[^]*/,
    '- homeserver\n- appservice\n',
    'config.yaml:1: this is no list of settings.\n  It must hold sections such as "homeserver:"; see config.sample.yaml.',
  ],
  [
    'two documents in one file',
    /$/,
    '---\nhomeserver: {}\n',
    'config.yaml:13: this is a second document in the same file.\n  Keep one, without a line "---" in between.',
  ],
  [
    'no settings at all',
    /[^]*/,
    'just a text',
    'config.yaml:1: this is no list of settings.\n  It must hold sections such as "homeserver:"; see config.sample.yaml.',
  ],
  [
    'a homeserver URL with a path',
    'http://127.0.0.1:8008',
    'http://127.0.0.1:8008/_matrix',
    `config.yaml:2: homeserver.url is "http://127.0.0.1:8008/_matrix".\n  Allowed: ${origins('http://127.0.0.1:8008')}.`,
  ],
  [
    'a homeserver URL without scheme',
    'http://127.0.0.1:8008',
    '127.0.0.1:8008',
    `config.yaml:2: homeserver.url is "127.0.0.1:8008".\n  Allowed: ${origins('http://127.0.0.1:8008')}.`,
  ],
  [
    'a password in a URL is not shown',
    'http://127.0.0.1:8008',
    'http://me:secret@127.0.0.1:8008',
    `config.yaml:2: homeserver.url is "http://…@127.0.0.1:8008".\n  Allowed: ${origins('http://127.0.0.1:8008')}.`,
  ],
  [
    'a server name that is a URL',
    'server_name: example.org',
    'server_name: https://example.org',
    `config.yaml:3: homeserver.server_name is "https://example.org".\n  Allowed: ${domains}.`,
  ],
  [
    'a server name of another type',
    'server_name: example.org',
    'server_name: [example.org]',
    `config.yaml:3: homeserver.server_name is ["example.org"].\n  Allowed: ${domains}.`,
  ],
  [
    'the server name of the sample',
    'server_name: example.org',
    'server_name: your-domain.example',
    `config.yaml:3: homeserver.server_name still has the value of the sample file.\n  Give your own: ${domains}.`,
  ],
  [
    'the token of the sample',
    'as-token-of-the-tests',
    'replace-this-as-token',
    `config.yaml:5: appservice.as_token still has the value of the sample file.\n  Give your own: ${tokens}.`,
  ],
  [
    'the permissions of the sample',
    'example.org: user',
    'your-domain.example: user',
    `config.yaml:10: permissions still has the value of the sample file.\n  Give your own: ${people}.`,
  ],
  [
    'a short token, which is not shown',
    'as-token-of-the-tests',
    'hunter2',
    `config.yaml:5: appservice.as_token is a string of 7 characters.\n  Allowed: ${tokens}.`,
  ],
  [
    'twice the same token',
    'hs-token-of-the-tests',
    'as-token-of-the-tests',
    'config.yaml:6: appservice.hs_token is the same as appservice.as_token.\n  Give it a token of its own; `openssl rand -hex 32` prints one.',
  ],
  [
    'a short encryption key',
    'encryption-key-of-the-tests-1234567',
    'too-short',
    'config.yaml:12: encryption_key is a string of 9 characters.\n  Allowed: at least 32 printable characters without spaces; `openssl rand -hex 32` prints one.',
  ],
  [
    'the same encryption key twice',
    'encryption_key:',
    'old_encryption_key: encryption-key-of-the-tests-1234567\nencryption_key:',
    'config.yaml:12: old_encryption_key is the same as encryption_key.\n  Remove it, or give the old one.',
  ],
  [
    'a port out of range',
    'appservice:',
    'appservice:\n  port: 80000',
    'config.yaml:5: appservice.port is 80000.\n  Allowed: a number from 1 to 65535.',
  ],
  [
    'a port as text',
    'appservice:',
    'appservice:\n  port: "8710"',
    'config.yaml:5: appservice.port is "8710".\n  Allowed: a number from 1 to 65535.',
  ],
  [
    'twice the same port',
    'activitypub:',
    'activitypub:\n  port: 8710',
    'config.yaml:8: activitypub.port is 8710, like appservice.port.\n  Give each listener a port of its own, such as 8710 to 8713.',
  ],
  [
    'a bind address that is a name',
    'appservice:',
    'appservice:\n  bind: example.org',
    'config.yaml:5: appservice.bind is "example.org".\n  Allowed: an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.',
  ],
  [
    'a bot among the ghosts',
    'appservice:',
    'appservice:\n  bot_localpart: _ap_bot',
    'config.yaml:5: appservice.bot_localpart is "_ap_bot", among the names of fediverse accounts.\n  Allowed: a name without _ap_ in front.',
  ],
  [
    'a prefix that is not closed',
    'appservice:',
    'appservice:\n  prefix: _ap',
    'config.yaml:5: appservice.prefix is "_ap".\n  Allowed: lower-case letters and digits between two underscores, such as _ap_.',
  ],
  [
    'a command prefix with a space',
    'appservice:',
    'appservice:\n  command_prefix: "! ap"',
    'config.yaml:5: appservice.command_prefix is "! ap".\n  Allowed: ! and lower-case letters or digits, such as !ap.',
  ],
  [
    'a public URL with a query',
    'https://fedi.example.org',
    'https://fedi.example.org/?',
    `config.yaml:8: activitypub.public_url is "https://fedi.example.org/?".\n  Allowed: ${origins('https://fedi.example.org')}.`,
  ],
  [
    'a public URL without TLS on a public host',
    'https://fedi.example.org',
    'http://fedi.example.org',
    'config.yaml:8: activitypub.public_url is http://fedi.example.org, without TLS on a public host.\n  Allowed: https, so https://fedi.example.org; http only for test names and private addresses.',
  ],
  [
    'plain HTTP hosts beside a public https URL',
    'permissions:',
    'network: { allow_http: [fedi.test] }\npermissions:',
    'config.yaml:10: network.allow_http is set although public_url is https://fedi.example.org.\n  Remove network.allow_http: it is for tests whose public_url is http too.',
  ],
  [
    'a handle domain with a port',
    'handle_domain: example.org',
    'handle_domain: example.org:8443',
    'config.yaml:9: activitypub.handle_domain is example.org:8443, with a port.\n  Remove the port: other servers look handles up on port 443 only.',
  ],
  [
    'a handle domain in capitals',
    'handle_domain: example.org',
    'handle_domain: Example.org',
    `config.yaml:9: activitypub.handle_domain is "Example.org".\n  Allowed: ${domains}.`,
  ],
  [
    'an unknown level',
    'example.org: user',
    'example.org: owner',
    `config.yaml:11: permissions["example.org"] is "owner".\n  Allowed: ${people}.`,
  ],
  [
    'a permission for something else',
    'example.org: user',
    '"@alice": user',
    `config.yaml:11: permissions["@alice"] is "@alice".\n  Allowed: ${people}.`,
  ],
  [
    'permissions without a line',
    /permissions:\n.*\n/,
    'permissions: {}\n',
    `config.yaml:10: permissions is {}.\n  Allowed: ${people}.`,
  ],
  [
    'another database',
    'permissions:',
    'database: postgres://me:secret@db/footbridge\npermissions:',
    'config.yaml:10: database is "postgres://…@db/footbridge".\n  Allowed: sqlite: and the path of a file, such as sqlite:footbridge.db.',
  ],
  [
    'a database in memory, which would lose everything',
    'permissions:',
    'database: "sqlite::memory:"\npermissions:',
    'config.yaml:10: database is "sqlite::memory:".\n  Allowed: sqlite: and the path of a file, such as sqlite:footbridge.db.',
  ],
  [
    'a private network that is none',
    'permissions:',
    'network:\n  allow_private:\n    - fedi.internal\n    - 10.0.0.0/40\npermissions:',
    'config.yaml:13: network.allow_private[1] is "10.0.0.0/40".\n  Allowed: a list of host names, IP addresses or networks, such as [fedi.internal, 172.18.0.0/16].',
  ],
  [
    'a list that is a text',
    'permissions:',
    'network:\n  allow_http: fedi.test\npermissions:',
    'config.yaml:11: network.allow_http is "fedi.test".\n  Allowed: a list of hosts, with a port where they have one, such as [fedi.test:8080].',
  ],
  [
    'a clock that nobody keeps',
    'permissions:',
    'signatures: { max_age: 4 }\npermissions:',
    'config.yaml:10: signatures.max_age is 4.\n  Allowed: a whole number of minutes from 5 to 720.',
  ],
  [
    'a wait that is too long',
    'permissions:',
    'publish: { join_media_within: 31 }\npermissions:',
    'config.yaml:10: publish.join_media_within is 31.\n  Allowed: a whole number of seconds from 0 to 30.',
  ],
  [
    'a size that is no number',
    'permissions:',
    'media: { cache_size: 256 MB }\npermissions:',
    'config.yaml:10: media.cache_size is "256 MB".\n  Allowed: a whole number of megabytes from 0 to 1000000.',
  ],
  [
    'a way to show sensitive media that is none',
    'permissions:',
    'media: { sensitive_media: hide }\npermissions:',
    'config.yaml:10: media.sensitive_media is "hide".\n  Allowed: spoiler, link, show.',
  ],
  [
    'rules that are no list',
    'permissions:',
    'about: { rules: Be kind. }\npermissions:',
    'config.yaml:10: about.rules is "Be kind.".\n  Allowed: a list of lines of at most 500 characters, such as [Be kind., No advertising.].',
  ],
  [
    'a line about who runs it that is two lines',
    'permissions:',
    'about: { operator: "We\\nand others" }\npermissions:',
    'config.yaml:10: about.operator is "We\\nand others".\n  Allowed: one line of at most 300 characters, such as The Example Society, Example Street 1, Exampletown.',
  ],
  [
    'a way to show custom emoji that is none',
    'permissions:',
    'media: { emoji_reactions: image }\npermissions:',
    'config.yaml:10: media.emoji_reactions is "image".\n  Allowed: text, picture.',
  ],
  [
    'an unknown log level',
    'permissions:',
    'logging: { level: loud }\npermissions:',
    'config.yaml:10: logging.level is "loud".\n  Allowed: debug, info, warn, error.',
  ],
  [
    'a long value is cut',
    'server_name: example.org',
    `server_name: ${'x'.repeat(300)}`,
    `config.yaml:3: homeserver.server_name is "${'x'.repeat(78)}….\n  Allowed: ${domains}.`,
  ],
  ...['['.repeat(3_000), '{a: '.repeat(3_000), '- '.repeat(3_000), '!a '.repeat(3_000)].map(
    (deep): Row => [
      `what nests without end: ${deep.slice(0, 4)}`,
      'permissions:',
      `x: ${deep}\npermissions:`,
      `config.yaml: this is not valid YAML: it nests deeper than 20 levels.\n  ${form}`,
    ],
  ),
  [
    'a value that contains itself',
    'server_name: example.org',
    'server_name: &a [*a]',
    `config.yaml: this is not valid YAML: an alias stands inside of what it names.\n  ${form}`,
  ],
  [
    'a name that objects inherit',
    '  server_name:',
    '  constructor: x\n  server_name:',
    'config.yaml:3: there is no setting homeserver.constructor.\n  Allowed here: url, server_name.',
  ],
]

describe('a wrong file is refused with its line, what was found and what is allowed', () => {
  const cases = rows.map(([title, from, to, message]) => ({ title, from, to, message }))
  test.each(cases)('$title', ({ from, to, message }) => {
    expect(problemsOf(load(validFile.replace(from, to)))).toEqual([message])
  })

  test('nothing of it is printed by the reader of YAML', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    load(`{as_token: x}: y\n? [hs_token]\n: z\n${validFile}`)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  test('all problems are told at once', () => {
    const text = validFile
      .replace('example.org', 'Example.org')
      .replace('as-token-of-the-tests', 'x')
      .replace('handle_domain', 'handel_domain')
    expect(problemsOf(load(text)).map((line) => line.split(' is')[0]?.split('.\n')[0])).toEqual([
      'config.yaml:9: there',
      'config.yaml:3: homeserver.server_name',
      'config.yaml:5: appservice.as_token',
      'config.yaml:7: activitypub.handle_domain',
    ])
  })
})
