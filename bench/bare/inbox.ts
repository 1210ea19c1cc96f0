/**
 * The least an inbox must do: HTTP, digest, RSA verification, JSON.parse, a durable insert. Those of
 * one turn of the event loop are one commit, or each would wait for the disk alone. `parses`: it
 * looks into the body before it knows whose it is.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import Sqlite from 'better-sqlite3'
import { ready, settingsOf } from '../child.ts'
import { bodyOf } from '../servers.ts'

type Taken = { readonly text: string; readonly accept: () => void }

const { port, database, keys, parses } = settingsOf<{
  readonly port: number
  readonly database: string
  readonly keys: Readonly<Record<string, string>>
  readonly parses?: boolean
}>()
const sqlite = new Sqlite(database)
sqlite.pragma('journal_mode = wal')
sqlite.pragma('synchronous = full')
sqlite.exec('create table job (key text primary key, payload text not null) strict, without rowid')
const insert = sqlite.prepare('insert into job values (?, ?) on conflict do nothing')
const insertAll = sqlite.transaction((all: readonly Taken[]) => {
  for (const { text } of all) insert.run((JSON.parse(text) as { id: string }).id, text)
})
let taken: Taken[] = []

function take(one: Taken): void {
  if (taken.push(one) > 1) return
  setImmediate(() => {
    const all = taken
    taken = []
    insertAll(all)
    for (const { accept } of all) accept()
  })
}

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
    if (parses === true) JSON.parse(body.toString())
    if (isSigned(request.url ?? '', request.headers, body))
      take({ text: body.toString(), accept: () => void response.writeHead(202).end() })
    else response.writeHead(401).end()
  })
})
server.listen(port, '127.0.0.1', ready)
