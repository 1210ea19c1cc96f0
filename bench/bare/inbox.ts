/** The least an inbox must do: HTTP, digest, RSA verification, JSON.parse, one durable insert. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import Sqlite from 'better-sqlite3'
import { ready, settingsOf } from '../child.ts'
import { bodyOf } from '../servers.ts'

const { port, database, keys } = settingsOf<{
  readonly port: number
  readonly database: string
  readonly keys: Readonly<Record<string, string>>
}>()
const sqlite = new Sqlite(database)
sqlite.pragma('journal_mode = wal')
sqlite.pragma('synchronous = full')
sqlite.exec('create table job (key text primary key, payload text not null) strict, without rowid')
const insert = sqlite.prepare('insert into job values (?, ?) on conflict do nothing')
const known = new Map<string, KeyObject>(
  Object.entries(keys).map(([id, pem]) => [id, createPublicKey(pem)]),
)

function isSigned(target: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`
  if (headers['digest'] !== digest) return false
  const fields = new Map(
    [...String(headers['signature']).matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2] ?? '']),
  )
  const text = (fields.get('headers') ?? '')
    .split(' ')
    .map((name) =>
      name === '(request-target)' ? `${name}: post ${target}` : `${name}: ${String(headers[name])}`,
    )
    .join('\n')
  const key = known.get(fields.get('keyId') ?? '')
  const signature = Buffer.from(fields.get('signature') ?? '', 'base64')
  return key !== undefined && verify('sha256', Buffer.from(text), key, signature)
}

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const isRight = isSigned(request.url ?? '', request.headers, body)
    if (isRight) {
      const text = body.toString()
      insert.run((JSON.parse(text) as { id: string }).id, text)
    }
    response.writeHead(isRight ? 202 : 401).end()
  })
})
server.listen(port, '127.0.0.1', ready)
