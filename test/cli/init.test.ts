import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { configOf, load } from '../config/example.ts'
import { openSession } from './fake-world.ts'
import { makeFolder, removeFolder } from './temporary.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

const webfinger = 'https://example.org/.well-known/webfinger?resource=acct%3Aapbot%40example.org'
const nodeinfo = 'https://example.org/.well-known/nodeinfo'
const free = { [webfinger]: { status: 404 }, [nodeinfo]: { status: 404 } }
const flags = ['--server-name', 'example.org', '--homeserver-url', 'http://127.0.0.1:8008'].concat([
  '--public-url',
  'https://fedi.example.org',
])
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

describe('footbridge init', () => {
  test('writes a valid configuration and its registration, private, from flags', async () => {
    const session = openSession({ folder, answers: free })
    const more = ['--admin', '@me:example.org', '--appservice-url', 'http://footbridge:8710']
    const { code, err } = await session.type('init', ...flags, ...more)
    expect([code, err]).toEqual([0, ''])
    const config = configOf(load(read('config.yaml')))
    expect([config.homeserver, config.activitypub.handleDomain, config.permissions]).toEqual([
      { url: 'http://127.0.0.1:8008', serverName: 'example.org' },
      'example.org',
      { 'example.org': 'user', '@me:example.org': 'admin' },
    ])
    expect(parse(read('registration.yaml'))).toMatchObject({
      url: 'http://footbridge:8710',
      as_token: config.appservice.asToken,
      hs_token: config.appservice.hsToken,
      sender_localpart: 'apbot',
    })
    expect([config.appservice.asToken, config.appservice.hsToken]).toEqual([
      'id-number-1-of-22-charsid-number-2-of-22-chars',
      'id-number-3-of-22-charsid-number-4-of-22-chars',
    ])
    const modes = ['config.yaml', 'registration.yaml'].map(
      (name) => statSync(join(folder, name)).mode,
    )
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600])
  })

  test('prints the lines for the homeserver and the reverse proxy', async () => {
    const { out } = await openSession({ folder, answers: free }).type('init', ...flags)
    expect(out)
      .toBe(`Handles can be @alice@example.org: example.org answers for no fediverse server yet.

Wrote ${folder}/config.yaml
  and ${folder}/registration.yaml
Your users will be @alice@example.org on the fediverse. This cannot change later.
Nobody is an administrator yet: a line such as "@you:example.org": admin under permissions names one.

Synapse, in homeserver.yaml; then restart it:
    app_service_config_files:
      - ${folder}/registration.yaml
  The user that Synapse runs as must be able to read that file.

nginx, for fedi.example.org:
    server {
        listen 443 ssl;
        server_name fedi.example.org;
        # ssl_certificate and ssl_certificate_key as for your other sites
        client_max_body_size 2m;
        location / {
            proxy_pass http://127.0.0.1:8711;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }
    }

nginx, inside the server block of example.org:
    location = /.well-known/webfinger { return 301 https://fedi.example.org$request_uri; }
    location = /.well-known/host-meta { return 301 https://fedi.example.org$request_uri; }
    location = /.well-known/nodeinfo { return 301 https://fedi.example.org$request_uri; }

Caddy instead of nginx:
    fedi.example.org {
        reverse_proxy 127.0.0.1:8711
    }
    example.org {
        redir /.well-known/webfinger https://fedi.example.org{uri} permanent
        redir /.well-known/host-meta https://fedi.example.org{uri} permanent
        redir /.well-known/nodeinfo https://fedi.example.org{uri} permanent
        # and what this site has been doing so far
    }

Keep a copy of encryption_key, which is in config.yaml, apart from the copies of the database: without
it the private keys of your users' accounts are lost.

Then: footbridge run -c ${folder}/config.yaml
and, in another terminal, for whether all of it is well:
      footbridge doctor -c ${folder}/config.yaml
`)
  })

  test('needs no delegation where handles carry the public host', async () => {
    const session = openSession({ folder })
    const { out } = await session.type('init', ...flags, '--handle-domain', 'fedi.example.org')
    expect([out.includes('redir'), out.includes('return 301'), session.requested]).toEqual([
      false,
      false,
      [],
    ])
  })

  test.each(['config.yaml', 'registration.yaml'])('never overwrites %s', async (name) => {
    writeFileSync(join(folder, name), 'mine')
    expect(await openSession({ folder }).type('init', ...flags)).toEqual({
      code: 1,
      out: '',
      err: `footbridge: ${folder}/${name} exists already.\n  Nothing was written. Move it away first, or choose another place.\n`,
    })
    expect([readdirSync(folder), read(name)]).toEqual([[name], 'mine'])
  })

  test('asks nothing where the folder is missing', async () => {
    const session = openSession({ folder, typed: ['example.org'] })
    expect(await session.type('init', '--out', 'none')).toEqual({
      code: 1,
      out: '',
      err: `footbridge: there is no folder ${folder}/none.\n  Nothing was written. Make it first: mkdir, or "install -d" with the right owner.\n`,
    })
  })

  test('asks on a terminal, again after a wrong answer, and takes proposals', async () => {
    const typed = ['https://example.org', 'example.org', '', '', '', 'me', '@me:example.org']
    const session = openSession({ folder, answers: free, typed })
    const { code, out } = await session.type('init')
    expect([code, session.asked]).toEqual([
      0,
      [
        "Server name, the part after the colon in your users' Matrix ids: ",
        "Server name, the part after the colon in your users' Matrix ids: ",
        'URL of the homeserver, as this machine reaches it [http://127.0.0.1:8008]: ',
        'URL at which the fediverse will reach Footbridge, on a host of its own [https://fedi.example.org]: ',
        'Domain of the handles; it cannot change later [example.org]: ',
        'Matrix id of an administrator, such as @you:example.org, or nothing: ',
        'Matrix id of an administrator, such as @you:example.org, or nothing: ',
      ],
    ])
    expect(out.split('\n')[0]).toBe(
      '  Allowed: a domain in lower case (with its port where it has one), such as example.org.',
    )
    expect(out.split('\n')).toContain(
      '  Allowed: a Matrix id, such as @you:example.org, or nothing.',
    )
    const { activitypub, permissions } = configOf(load(read('config.yaml')))
    expect([activitypub, permissions]).toMatchObject([
      { publicUrl: 'https://fedi.example.org', handleDomain: 'example.org' },
      { 'example.org': 'user', '@me:example.org': 'admin' },
    ])
  })

  test.each([[[undefined]], [['example.org', undefined]]])(
    'writes nothing when it is ended after %j',
    async (typed) => {
      const { code, err } = await openSession({ folder, typed }).type('init')
      expect([code, err]).toEqual([
        1,
        'footbridge: nothing was written.\n  Start "footbridge init" again when you like.\n',
      ])
      expect(readdirSync(folder)).toEqual([])
    },
  )

  test('without TLS, points to what a test network needs instead of a web server', async () => {
    const args = [...flags, '--public-url', 'http://127.0.0.1:8711']
    const { code, out } = await openSession({ folder }).type('init', ...args)
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/\n\nWithout TLS this is for tests\.[^]*Test networks[^]*\nThen: /),
    ])
    expect(out).not.toContain('nginx')
  })

  test.each([
    [
      'missing flags without a terminal',
      ['--homeserver-url', 'http://127.0.0.1:8008'],
      'init needs --public-url, --server-name.\n  Give them, or run it on a terminal, where it asks.',
    ],
    [
      'a wrong flag',
      [...flags, '--server-name', 'Example.org'],
      '--server-name is "Example.org".\n  Allowed: a domain in lower case (with its port where it has one), such as example.org.',
    ],
    [
      'flags that do not fit together',
      [...flags, '--public-url', 'http://fedi.example.org'],
      'these answers do not fit together.\n  Nothing was written.\ninit: activitypub.public_url is http://fedi.example.org, without TLS on a public host.\n  Allowed: https, so https://fedi.example.org; http only for test names and private addresses.',
    ],
  ])('refuses %s and writes nothing', async (_title, args, told) => {
    const { code, err } = await openSession({ folder, answers: free }).type('init', ...args)
    expect([code, err]).toEqual([2, `footbridge: ${told}\n`])
    expect(existsSync(join(folder, 'config.yaml'))).toBe(false)
  })
})
