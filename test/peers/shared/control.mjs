import http from 'node:http'
import { moveClock } from './clock.mjs'

/**
 * What every peer of ours has in common: a federation server and, on a second loopback port, a
 * control server: `POST /<operation>` with a JSON object answers a JSON value.
 */
export function serveControl(port, operations) {
  const server = http.createServer(async (req, res) => {
    const answer = (status, value) => {
      res.writeHead(status, { 'content-type': 'application/json' })
      res.end(JSON.stringify(value ?? null))
    }
    try {
      const operation = operations[req.url.slice(1)]
      if (!operation) return answer(404, { error: `no operation ${req.url}` })
      const text = (await readBody(req)).toString('utf8')
      answer(200, await operation(text ? JSON.parse(text) : {}))
    } catch (error) {
      answer(500, { error: error.stack ?? String(error) })
    }
  })
  return listen(server, port)
}

export function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}

export async function readBody(req) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * `--port`, `--host`, `--control`, `--accounts a,b`, `--locked` (follows wait for an answer), `--cavage`,
 * `--newest`, `--chats`, `--secure`, `--software <name>`.
 */
export function readArguments(argv = process.argv.slice(2)) {
  const value = (name) => argv[argv.indexOf(`--${name}`) + 1]
  return {
    port: Number(value('port')),
    /** What others call it; it listens on loopback whatever that is. */
    host: argv.includes('--host') ? value('host') : '127.0.0.1',
    control: Number(value('control')),
    accounts: value('accounts').split(','),
    locked: argv.includes('--locked'),
    cavageFirst: argv.includes('--cavage'),
    newestOnly: argv.includes('--newest'),
    chats: argv.includes('--chats'),
    secure: argv.includes('--secure'),
    software: argv.includes('--software') ? value('software') : undefined,
  }
}

/** Every POST to an inbox, in order, whatever came of it; and the switch that lets them fail. */
export function makeInboxLog() {
  const items = []
  let failing = false
  return {
    isFailing: () => failing,
    /** `status` is what the peer answered: 401 and 500 are recorded too. */
    record: ({ path, headers, body, status }) =>
      items.push({ path, headers, status, activity: parse(body) }),
    operations: {
      received: ({ since = 0 }) => items.slice(since),
      fail: ({ on }) => void (failing = Boolean(on)),
      clock: ({ ahead }) => moveClock(ahead),
    },
  }
}

function parse(body) {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return body.toString('utf8')
  }
}

export const publicCollection = 'https://www.w3.org/ns/activitystreams#Public'

/** Who a note is for, in the fields where servers of this kind put them. */
export function addressing({ visibility, followers, mentions }) {
  if (visibility === 'direct') return { to: mentions, cc: [] }
  if (visibility === 'unlisted') return { to: [followers], cc: [publicCollection, ...mentions] }
  const first = visibility === 'followers' ? followers : publicCollection
  const rest = visibility === 'followers' ? [] : [followers]
  return { to: [first], cc: [...rest, ...mentions] }
}

/** Tells whoever started us that we are ready, and ends with them. */
export function announceReady() {
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
  process.stdin.resume().on('end', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
}
