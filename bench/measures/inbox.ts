import path from 'node:path'
import { freePort } from '../../test/e2e/support/process.ts'
import { sendAll } from '../load.ts'
import { makeSite, productFlags } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, type Measure } from '../row.ts'
import { startSubject } from '../subject.ts'
import { makeManyAuthors, seedDatabase, signedPosts } from '../world.ts'

const rounds = 7
const perRound = 1_000
const concurrency = 16

/** From the first byte of a signed activity to its 202: the routes of the bridge, without its worker. */
export const inbox: Measure = {
  name: 'inbox',
  async run(tell) {
    const authors = makeManyAuthors(50)
    const site = await makeSite('http://127.0.0.1:9')
    await seedDatabase(site.databaseUrl, site.publicUrl, authors)
    const port = await freePort()
    const keys = authors.flatMap(({ actor }) => actor.publicKeys)
    const settings = {
      port,
      database: path.join(site.folder, 'bare.db'),
      keys: Object.fromEntries(keys.map(({ id, pem }): [string, string] => [id, pem])),
    }
    const bare = await startSubject({ script: 'bare/inbox.ts', settings })
    const ours = await startSubject({
      script: 'ours/routes.ts',
      settings: { config: site.configPath },
      flags: productFlags,
    })
    const send = async (subject: typeof bare, origin: string) => {
      const requests = await signedPosts(authors, `${site.publicUrl}/inbox`, perRound)
      return timed(subject, perRound, () => sendAll(origin, requests, concurrency))
    }
    const pair = await inTurn(
      rounds,
      () => send(bare, `http://127.0.0.1:${port}`),
      () => send(ours, site.publicUrl),
    )
    tell(`${rounds} rounds of ${perRound} activities, ${concurrency} at a time`)
    await Promise.all([bare.stop(), ours.stop()])
    return [cpuRow('inbox accept, CPU per activity', pair, 2)]
  },
}
