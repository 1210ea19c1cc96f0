import { generateKeyPairSync } from 'node:crypto'
import { makeSite, productFlags } from '../product.ts'
import { inTurn, timed } from '../rounds.ts'
import { cpuRow, type Measure } from '../row.ts'
import { startServer } from '../servers.ts'
import { startSubject, type Subject } from '../subject.ts'
import { aliceOf, makeAuthors, seedDatabase, signedPosts } from '../world.ts'

const rounds = 7
const perRound = 800
const hosts = 8
/** As many at once per host as the bridge allows itself. */
const connections = 4

const pems = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

/** One post to many inboxes: the bare function (sign and POST), and the whole job around it. */
export const delivery: Measure = {
  name: 'delivery',
  async run(tell) {
    const site = await makeSite('http://127.0.0.1:9')
    const authors = makeAuthors(1, 'https://social.example')
    await seedDatabase(site.databaseUrl, site.publicUrl, authors)
    const { publicKey: publicPem, privateKey: privatePem } = pems()
    const keyId = `${aliceOf(site.publicUrl).id}#main-key`
    const receivers = await Promise.all(
      Array.from({ length: hosts }, () => startServer(() => ({ status: 202 }))),
    )
    const [post] = await signedPosts(authors, 'https://social.example/inbox', { count: 1 })
    const body = String(post?.body)
    const key = { publicPem, privatePem, keyId }
    const bare = await startSubject({
      script: 'bare/delivery.ts',
      settings: { ...key, connections },
    })
    const ours = await startSubject({
      script: 'ours/delivery.ts',
      settings: { ...key, config: site.configPath },
      flags: productFlags,
    })
    const inboxes = Array.from(
      { length: perRound },
      (_, n) => `${receivers[n % hosts]?.origin}/users/reader${n}/inbox`,
    )
    const run = async (subject: Subject, ask: 'run' | 'function' | 'jobs', round: number) => {
      const given = { inboxes, body, name: `${ask}-${round}` }
      if (subject === ours) {
        await ours.ask('prepare', { ...given, inboxes: ask === 'jobs' ? inboxes : [] })
      }
      return timed(subject, perRound, () => subject.ask(ask, given))
    }
    const whole = await inTurn(
      rounds,
      (round) => run(bare, 'run', round),
      (round) => run(ours, 'jobs', round),
    )
    const alone = await inTurn(
      rounds,
      (round) => run(bare, 'run', round),
      (round) => run(ours, 'function', round),
    )
    tell(
      `${rounds} rounds of ${perRound} deliveries to ${hosts} hosts, ${connections} at a time each`,
    )
    await Promise.all([bare.stop(), ours.stop(), ...receivers.map((server) => server.close())])
    return [
      cpuRow('delivery (read, sign, POST), CPU', alone, 1.25),
      cpuRow('delivery with its queue, CPU', whole),
    ]
  },
}
