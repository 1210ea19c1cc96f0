import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { sendAll } from '../load.ts'
import { makeSite, productFlags } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, type Measure } from '../row.ts'
import { startSubject, type Subject } from '../subject.ts'
import { makeAuthors, seedDatabase, serverName, transaction } from '../world.ts'

const rounds = 7
const transactions = 30
const events = 100
const rooms = 20

/** Transactions of a homeserver that has much to say: 100 events in 20 rooms, one after another. */
export const intake: Measure = {
  name: 'intake',
  async run(tell) {
    const site = await makeSite('http://127.0.0.1:9')
    await seedDatabase(site.databaseUrl, site.publicUrl, makeAuthors(1, 'https://social.example'))
    const port = await freePort()
    const settings = { port, database: path.join(site.folder, 'bare.db') }
    const bare = await startSubject({ script: 'bare/intake.ts', settings })
    const ours = await startSubject({
      script: 'ours/routes.ts',
      settings: { config: site.configPath },
      flags: productFlags,
    })
    const send = async (subject: Subject, origin: string, round: number) => {
      // Rooms of its own each round: a lane that is there already would cost nothing.
      const names = Array.from({ length: rooms }, (_, n) => `!r${round}-${n}:${serverName}`)
      const requests = Array.from({ length: transactions }, (_, n) =>
        transaction(`${round}-${n}`, { count: events, rooms: names }),
      )
      // A homeserver sends one transaction at a time.
      return timed(subject, transactions * events, () => sendAll(origin, requests, 1))
    }
    const pair = await inTurn(
      rounds,
      (round) => send(bare, `http://127.0.0.1:${port}`, round),
      (round) => send(ours, site.appserviceUrl, round),
    )
    tell(`${rounds} rounds of ${transactions} transactions of ${events} events in ${rooms} rooms`)
    await Promise.all([bare.stop(), ours.stop()])
    return [cpuRow('transaction intake, CPU per event', pair, 3)]
  },
}
