import { setTimeout as pause } from 'node:timers/promises'
import { sendAll } from '../load.ts'
import { makeSite, startProduct } from '../product.ts'
import { limitRow, type Measure } from '../row.ts'
import { homeserverAnswers, startServer } from '../servers.ts'
import { makeManyAuthors, seedDatabase, signedPosts } from '../world.ts'

const activities = 20_000
const batch = 1_000
const megabyte = 1_000_000

/** The compiled bridge, from 200 accounts into as many rooms, with the homeserver in another process. */
export const memory: Measure = {
  name: 'memory',
  async run(tell) {
    let sent = 0
    const homeserver = await startServer(homeserverAnswers(() => (sent += 1)))
    const site = await makeSite(homeserver.origin)
    const authors = makeManyAuthors(200)
    await seedDatabase(site.databaseUrl, site.publicUrl, authors)
    const bridge = await startProduct(site)
    await pause(3_000)
    const before = await bridge.usage()
    for (let done = 0; done < activities; done += batch) {
      const posts = await signedPosts(authors, `${site.publicUrl}/inbox`, { count: batch })
      await sendAll(site.publicUrl, posts, 16)
      if ((done / batch) % 5 === 4) {
        const { rss, heapTotal, heapUsed } = await bridge.usage()
        const [all, heap, used] = [rss, heapTotal, heapUsed].map((n) => (n / megabyte).toFixed(1))
        tell(`${done + batch} posted, ${sent} sent: ${all} MB, heap ${heap}, ${used} of it used`)
      }
    }
    while (sent < activities) await pause(100)
    const after = await bridge.usage()
    await bridge.stop()
    await homeserver.close()
    return [
      limitRow('memory after the start', before.rss / megabyte, { unit: 'MB' }),
      limitRow(`memory after ${activities} activities`, after.rss / megabyte, {
        ...{ unit: 'MB', most: 120, beside: `peak ${(after.peak / megabyte).toFixed(1)}` },
      }),
      limitRow('whole activity, inbox to room, CPU', (after.cpu - before.cpu) / activities, {
        unit: 'µs',
      }),
    ]
  },
}
