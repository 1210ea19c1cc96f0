import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../../src/cli/world.ts'
import { openSession } from './fake-world.ts'
import { makeFolder, removeFolder } from './temporary.ts'
import { validFile } from '../config/example.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder({ 'good.yaml': validFile, 'bad.yaml': validFile.replace('server_', '') })
})
afterEach(() => removeFolder(folder))

const valid = (path: string, home: string) => `${path} is valid.
  bot         @apbot:example.org
  handles     @alice@example.org
  public      https://fedi.example.org
  homeserver  http://127.0.0.1:8008
  listens     127.0.0.1:8710 for the homeserver (it asks http://127.0.0.1:8710)
              127.0.0.1:8711 for the fediverse
  database    sqlite:${home}/footbridge.db
`

describe('footbridge', () => {
  test('alone says what it is, its commands and where the configuration is looked for', async () => {
    const { code, out, err } = await openSession({ folder }).type()
    expect([code, err]).toEqual([0, ''])
    expect(out)
      .toBe(`Footbridge joins Matrix and the fediverse: people on both talk, each from their own client.

  footbridge init           write a new configuration and registration
  footbridge check          say whether the configuration is valid
  footbridge registration   print the registration for the homeserver
  footbridge run            run the bridge
  footbridge health         ask a running bridge if it is alive
  footbridge doctor         say what is wrong around it, and what to change
  footbridge admin          have it do something: queue, failed, backup, …

The configuration is what -c names, else FOOTBRIDGE_CONFIG, else ./config.yaml, else /data/config.yaml.
There is none yet: "footbridge init" writes one.
"footbridge --help" shows every option and the exit codes.
`)
  })

  test('alone finds a configuration here and does not start it', async () => {
    const home = makeFolder({ 'config.yaml': validFile })
    const { out } = await openSession({ folder: home }).type()
    expect(out).toContain(`Found ${home}/config.yaml: "footbridge run" starts with it.\n`)
    removeFolder(home)
  })

  test('--version and --help end well, and help names the exit codes', async () => {
    const session = openSession()
    expect(await session.type('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' })
    const help = await session.type('--help')
    expect([help.code, help.err]).toEqual([0, ''])
    expect(help.out).toMatch(
      /Exit codes:\n {2}0 {2}all is well\n[^]*\n {2}5 {2}a port or the database[^]*\n {2}8 {2}the doctor/,
    )
    expect((await session.type('init', '--help')).out).toContain('--public-url <url>')
  })

  test.each([
    ['an unknown command', ['chek'], 'there is no command "chek".\n  Did you mean check?'],
    [
      'an unknown one',
      ['dance'],
      'there is no command "dance".\n  "footbridge" lists the commands.',
    ],
    ['an unknown option', ['--confg', 'x'], "unknown option '--confg'.\n  Did you mean --config?"],
    [
      'an option without its value',
      ['run', '-c'],
      'option \'-c, --config <file>\' argument missing.\n  "footbridge --help" shows what there is.',
    ],
  ])('%s is wrong usage, with a way out', async (_title, args, told) => {
    expect(await openSession().type(...args)).toEqual({
      code: 2,
      out: '',
      err: `footbridge: ${told}\n`,
    })
  })
})

describe('footbridge check', () => {
  test('sums up a valid configuration', async () => {
    expect(await openSession({ folder }).type('check', '-c', 'good.yaml')).toEqual({
      code: 0,
      out: valid('good.yaml', folder),
      err: '',
    })
  })

  test('finds the file by the environment too', async () => {
    const environment = { FOOTBRIDGE_CONFIG: join(folder, 'good.yaml') }
    const path = join(folder, 'good.yaml')
    expect((await openSession({ environment }).type('check')).out).toBe(valid(path, folder))
  })

  test('names what else listens, where it is wanted', async () => {
    const environment = {
      FOOTBRIDGE_CONFIG: join(folder, 'good.yaml'),
      FOOTBRIDGE_METRICS_PORT: '8712',
      FOOTBRIDGE_ADMIN_PAGE_PORT: '8713',
    }
    expect((await openSession({ environment }).type('check')).out).toContain(
      `              127.0.0.1:8711 for the fediverse
              127.0.0.1:8712 for Prometheus
              127.0.0.1:8713 for admins (http://127.0.0.1:8713/admin)
`,
    )
  })

  test('tells every problem, exit code 3', async () => {
    const { code, out, err } = await openSession({ folder }).type('check', '-c', 'bad.yaml')
    expect([code, out]).toEqual([3, ''])
    expect(err).toBe(`${folder}/bad.yaml:3: there is no setting homeserver.name.
  Allowed here: url, server_name.
${folder}/bad.yaml:1: homeserver.server_name is missing.
  Allowed: a domain in lower case (with its port where it has one), such as example.org.
`)
  })

  test('--json says the same to scripts', async () => {
    const session = openSession({ folder })
    const good = await session.type('check', '--json', '-c', 'good.yaml')
    const bad = await session.type('check', '--json', '-c', 'bad.yaml')
    expect([good.code, good.err, JSON.parse(good.out)]).toEqual([
      0,
      '',
      { file: `${folder}/good.yaml`, valid: true, problems: [], warnings: [] },
    ])
    expect([bad.code, bad.err, JSON.parse(bad.out)]).toEqual([
      3,
      '',
      {
        file: `${folder}/bad.yaml`,
        valid: false,
        problems: [
          {
            where: `${folder}/bad.yaml:3`,
            what: 'there is no setting homeserver.name.',
            mend: 'Allowed here: url, server_name.',
          },
          {
            where: `${folder}/bad.yaml:1`,
            what: 'homeserver.server_name is missing.',
            mend: 'Allowed: a domain in lower case (with its port where it has one), such as example.org.',
          },
        ],
        warnings: [],
      },
    ])
  })

  test('a file that is not there, and none at all', async () => {
    const session = openSession({ folder })
    expect(await session.type('check', '-c', 'none.yaml')).toEqual({
      code: 3,
      out: '',
      err: `footbridge: ${folder}/none.yaml: there is no such file.\n  Write one with "footbridge init", or name another with -c.\n`,
    })
    expect(await session.type('check')).toEqual({
      code: 3,
      out: '',
      err: `footbridge: there is no configuration: no ${folder}/config.yaml and no /data/config.yaml.\n  Write one with "footbridge init", or name it with -c.\n`,
    })
  })

  test('none in a container, whose image gives two settings to everybody', async () => {
    const environment = {
      FOOTBRIDGE_APPSERVICE_BIND: '0.0.0.0',
      FOOTBRIDGE_ACTIVITYPUB_BIND: '0.0.0.0',
    }
    const session = openSession({ folder: '/data', environment })
    expect(await session.type('run')).toEqual({
      code: 3,
      out: '',
      err: 'footbridge: there is no configuration: no /data/config.yaml.\n  Write one with "footbridge init", or name it with -c.\n',
    })
  })

  test('warns when everybody can read the tokens', async () => {
    chmodSync(join(folder, 'good.yaml'), 0o644)
    const { code, err } = await openSession({ folder }).type('check', '-c', 'good.yaml')
    expect([code, err]).toEqual([
      0,
      `WARNING ${folder}/good.yaml: every user of this machine can read it, and the tokens in it.\n  chmod 600 ${folder}/good.yaml\n`,
    ])
  })
})

describe('footbridge registration', () => {
  test('prints it, or writes a private file once', async () => {
    const session = openSession({ folder })
    const printed = await session.type('registration', '-c', 'good.yaml')
    const path = join(folder, 'registration.yaml')
    const written = await session.type('registration', '-c', 'good.yaml', '-o', 'registration.yaml')
    expect([printed.code, written]).toEqual([
      0,
      {
        code: 0,
        out: `Wrote ${path}. Give it to the homeserver and restart the homeserver.\n`,
        err: '',
      },
    ])
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([printed.out, 0o600])
    expect(
      await session.type('registration', '-c', 'good.yaml', '-o', 'registration.yaml'),
    ).toEqual({
      code: 1,
      out: '',
      err: `footbridge: ${path} exists already.\n  Nothing was written. Move it away first, or choose another place.\n`,
    })
  })
})

describe('footbridge admin', () => {
  const asking = (askBridge: World['askBridge']) => openSession({ folder, askBridge })

  test('hands all words over as they are, with their options, to the socket beside the database', async () => {
    const calls: unknown[] = []
    const session = asking(async (...call) => {
      calls.push(call)
      return { end: 'done', text: 'Forgotten.' }
    })
    expect(await session.type('admin', '-c', 'good.yaml', 'prune', 'now', '--days', '30')).toEqual({
      code: 0,
      out: 'Forgotten.\n',
      err: '',
    })
    await session.type('admin', 'block-domain', 'x.example', '--silence', 'a b', '-c', 'good.yaml')
    await session.type('admin', '-c', 'good.yaml')
    const path = join(folder, 'footbridge.db.sock')
    expect(calls).toEqual([
      [path, ['prune', 'now', '--days', '30']],
      [path, ['block-domain', 'x.example', '--silence', 'a b']],
      [path, ['help']],
    ])
  })

  test.each([
    ['usage', 2],
    ['failed', 1],
  ] as const)('what came to %s ends with %i', async (end, code) => {
    const session = asking(async () => ({ end, text: 'No.' }))
    expect(await session.type('admin', '-c', 'good.yaml', 'x')).toEqual({
      ...{ code, out: '', err: 'No.\n' },
    })
  })

  test.each([
    ['ENOENT', 'no running bridge answers at'],
    ['ECONNREFUSED', 'no running bridge answers at'],
    ['EACCES', 'is not for this user'],
    ['ECONNRESET', 'ended before it had answered'],
  ])('%s says what to do', async (code, text) => {
    const session = asking(() => Promise.reject(Object.assign(new Error(code), { code })))
    const told = await session.type('admin', '-c', 'good.yaml', 'queue')
    expect([told.code, told.out]).toEqual([1, ''])
    expect(told.err).toContain(text)
  })
})

describe('footbridge health', () => {
  const at = 'http://127.0.0.1:8710/live'
  const sick = (reason: string) => ({
    code: 1,
    out: '',
    err: `footbridge: nothing healthy answers at ${at}: ${reason}.\n  Start it with "footbridge run", or read its log.\n`,
  })
  test.each([
    [{ status: 200 }, { code: 0, out: 'Footbridge is running.\n', err: '' }],
    [{ status: 500 }, sick('it answered 500')],
    [undefined, sick('no such host')],
  ])('of an answer %p says so', async (answer, expected) => {
    const session = openSession({ folder, answers: { [at]: answer } })
    expect(await session.type('health', '-c', 'good.yaml')).toEqual(expected)
    expect(session.events).toEqual(['connection closed'])
  })
})
