import { setTimeout as pause } from 'node:timers/promises'
import { sendAll } from '../load.ts'
import { makeSite, type Site, startProduct } from '../product.ts'
import { percentile } from '../rounds.ts'
import { limitRow, type Measure, type Row } from '../row.ts'
import { homeserverAnswers, startServer } from '../servers.ts'
import { aliceRoom, makeAuthors, seedDatabase, signedPosts, transaction } from '../world.ts'

const messages = 150
const quiet = 30

/** Tells when something arrives. */
function createBell() {
  let ring: (at: number) => void = () => undefined
  return {
    ring: () => ring(performance.now()),
    next: () => new Promise<number>((resolve) => (ring = resolve)),
  }
}

type Bell = ReturnType<typeof createBell>
type Times = { readonly whole: number[]; readonly added: number[] }

/** `whole`: from sending to us; `added`: from our answer. */
async function measure(bell: Bell, send: (n: number) => Promise<void>): Promise<Times> {
  const times: Times = { whole: [], added: [] }
  for (let n = 0; n < messages; n++) {
    const left = bell.next()
    const started = performance.now()
    const [at, answered] = await Promise.all([left, send(n).then(() => performance.now())])
    times.whole.push(at - started)
    times.added.push(Math.max(0, at - answered))
    await pause(quiet)
  }
  return times
}

function rowsOf(direction: string, { whole, added }: Times): Row[] {
  const beside = (values: readonly number[]) => `p95 ${percentile(values, 0.95).toFixed(1)}`
  const ms = { unit: 'ms' }
  return [
    limitRow(`latency ${direction}, from our answer, p50`, percentile(added, 0.5), {
      ...{ ...ms, most: 10, beside: beside(added) },
    }),
    limitRow(`latency ${direction}, from the sender, p50`, percentile(whole, 0.5), {
      ...{ ...ms, beside: beside(whole) },
    }),
  ]
}

async function toMatrix(site: Site, authors: ReturnType<typeof makeAuthors>, bell: Bell) {
  const posts = await signedPosts(authors, `${site.publicUrl}/inbox`, { count: messages })
  return measure(bell, (n) => sendAll(site.publicUrl, posts.slice(n, n + 1), 1))
}

const toFediverse = (site: Site, bell: Bell) =>
  measure(bell, (n) => {
    const request = transaction(`idle-${n}`, { count: 1, rooms: [aliceRoom] })
    return sendAll(site.appserviceUrl, [request], 1)
  })

/** One message at a time through the compiled bridge, until the request it causes arrives. */
export const latency: Measure = {
  name: 'latency',
  async run(tell) {
    const [sent, delivered] = [createBell(), createBell()]
    const homeserver = await startServer(homeserverAnswers(sent.ring))
    const receiver = await startServer(() => {
      delivered.ring()
      return { status: 202 }
    })
    const site = await makeSite(homeserver.origin)
    const authors = makeAuthors(20, receiver.origin)
    await seedDatabase(site.databaseUrl, site.publicUrl, authors)
    const bridge = await startProduct(site)
    await pause(3_000) // its key pairs are being made
    const inward = await toMatrix(site, authors, sent)
    const outward = await toFediverse(site, delivered)
    tell(`${messages} messages each way, ${quiet} ms of quiet between two`)
    await bridge.stop()
    await Promise.all([homeserver.close(), receiver.close()])
    return [...rowsOf('AP → Matrix', inward), ...rowsOf('Matrix → AP', outward)]
  },
}
