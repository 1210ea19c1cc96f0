import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import type { Scheme } from '../../src/activitypub/signature.ts'
import { sendAll } from '../load.ts'
import { makeSite, productFlags } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, type Measure } from '../row.ts'
import { startSubject } from '../subject.ts'
import { makeManyAuthors, seedDatabase, signedPosts } from '../world.ts'

const rounds = 7
const perRound = 1_000
/** Of each, before what counts: code is compiled only after some 3,000 calls. */
const warmUp = 4_000
const concurrency = 16

type Subject = Awaited<ReturnType<typeof startSubject>>

/** The routes of a bridge that nothing waits in: what is posted here is only kept. */
async function startOurs() {
  const authors = makeManyAuthors(50)
  const site = await makeSite('http://127.0.0.1:9')
  await seedDatabase(site.databaseUrl, site.publicUrl, authors)
  const subject = await startSubject({
    script: 'ours/routes.ts',
    settings: { config: site.configPath },
    flags: productFlags,
  })
  const send = async (to: Subject, origin: string, given: Parameters<typeof signedPosts>[2]) => {
    const requests = await signedPosts(authors, `${site.publicUrl}/inbox`, given)
    return timed(to, given.count, () => sendAll(origin, requests, concurrency))
  }
  return { authors, site, subject, send }
}

async function besideBare() {
  const { authors, site, subject, send } = await startOurs()
  const port = await freePort()
  const keys = authors.flatMap(({ actor }) => actor.publicKeys)
  const settings = {
    port,
    database: path.join(site.folder, 'bare.db'),
    keys: Object.fromEntries(keys.map(({ id, pem }): [string, string] => [id, pem])),
  }
  const bare = await startSubject({ script: 'bare/inbox.ts', settings })
  const sendBare = () => send(bare, `http://127.0.0.1:${port}`, { count: perRound })
  const sendOurs = () => send(subject, site.publicUrl, { count: perRound })
  for (let sent = 0; sent < warmUp; sent += perRound) {
    await sendBare()
    await sendOurs()
  }
  const pair = await inTurn(rounds, sendBare, sendOurs)
  await Promise.all([bare.stop(), subject.stop()])
  return pair
}

/** Both schemes to one process, half as many each: more than 2000 of one server may not wait. */
async function besideCavage() {
  const { site, subject, send } = await startOurs()
  const by = (scheme: Scheme) => () =>
    send(subject, site.publicUrl, { count: perRound / 2, scheme })
  const pair = await inTurn(rounds, by('cavage'), by('rfc9421'))
  await subject.stop()
  return pair
}

/** From the first byte of a signed activity to its 202: the routes of the bridge, without its worker. */
export const inbox: Measure = {
  name: 'inbox',
  async run(tell) {
    tell(`${rounds} rounds of ${perRound} activities, ${concurrency} at a time`)
    return [
      cpuRow('inbox accept, CPU per activity', await besideBare(), 2),
      cpuRow('RFC 9421 accept, beside draft-cavage', await besideCavage(), 1.3),
    ]
  },
}
