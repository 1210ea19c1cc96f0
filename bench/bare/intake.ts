/** The least a transaction needs: HTTP, JSON.parse, one insert per event, one commit. */
import { createServer } from 'node:http'
import Sqlite from 'better-sqlite3'
import { ready, settingsOf } from '../child.ts'
import { bodyOf } from '../servers.ts'

const { port, database } = settingsOf<{ readonly port: number; readonly database: string }>()
const sqlite = new Sqlite(database)
sqlite.pragma('journal_mode = wal')
sqlite.pragma('synchronous = full')
sqlite.exec('create table job (key text primary key, payload text not null) strict, without rowid')
const insert = sqlite.prepare('insert into job values (?, ?) on conflict do nothing')

type Event = { readonly event_id: string }
const store = sqlite.transaction((events: readonly Event[]) => {
  for (const event of events) insert.run(event.event_id, JSON.stringify(event))
})

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    store((JSON.parse(body.toString()) as { events: readonly Event[] }).events)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})
server.listen(port, '127.0.0.1', ready)
