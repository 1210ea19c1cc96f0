/**
 * `npm run screenshots`: rooms of the bridge as a Matrix client shows them, into docs/screenshots.
 * Needs Chromium; the client is built from its npm package. For eyes, not for a test.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findActor } from '../test/e2e/support/fediverse.ts'
import { observer } from '../test/e2e/support/json-http.ts'
import { endAll, repository } from '../test/e2e/support/process.ts'
import { ask, enter, follow, openProfile } from '../test/e2e/support/scene.ts'
import { type Guest, type Stack, startStack } from '../test/e2e/support/stack.ts'
import { type Author, startAuthor } from './author.ts'
import { applause, conversation, microblog, otherKinds, privateWords } from './scenes.ts'
import { buildWebClient, openWebClient, type WebClient } from './web-client.ts'

const folder = path.join(repository, 'docs/screenshots')

/** Pictures, previews and summaries arrive after the words. */
const settle = () => sleep(6_000)

async function shoot(web: WebClient, name: string, roomId: string): Promise<void> {
  await web.open(roomId)
  await web.page.screenshot({ path: path.join(folder, `${name}.png`) })
  console.log(`docs/screenshots/${name}.png`)
}

/** The id of the newest post that everybody may read. */
async function newestOf(actorId: string): Promise<string> {
  const outbox = await fetch(`${actorId}/outbox?page=true`, {
    headers: { accept: 'application/activity+json', 'user-agent': `https://${observer}/` },
  })
  const { orderedItems } = (await outbox.json()) as { orderedItems: { object: { id: string } }[] }
  const [newest] = orderedItems
  if (newest === undefined) throw new Error(`${actorId} has nothing in its outbox`)
  return newest.object.id
}

/** Everything that is to be seen has happened; gives the rooms. */
async function play(stack: Stack, guest: Guest, author: Author): Promise<Map<string, string>> {
  const enterOf = (name: string) =>
    follow(guest, { id: author.id(name), handle: author.handle(name) })
  const rooms = new Map([
    ['microblog', await enterOf('bob')],
    ['conversation', await enterOf('dora')],
    ['other-kinds', await enterOf('erin')],
  ])
  const aliceId = await findActor(stack.publicUrl, guest.handle)
  const castOf = (host: string) => ({ author, host, aliceId })
  await microblog(castOf('bob'))
  await conversation(castOf('dora'))
  await otherKinds(castOf('erin'))
  await privateWords(castOf('bob'))
  const profile = await openProfile(guest)
  await author.send('carol', { type: 'Follow', object: aliceId })
  await guest.client.text(profile, 'My first words on the fediverse')
  await settle()
  await applause(castOf('bob'), await newestOf(aliceId))
  await ask(guest, 'help', 'Follow')
  await settle()
  return rooms
    .set('profile', profile)
    .set('bot', guest.management)
    .set('notifications', await enter(guest.client, 'Fediverse notifications'))
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await buildWebClient()
  const stack = await startStack()
  const guest = await stack.meet('alice')
  const author = await startAuthor({
    inbox: `${stack.publicUrl}/inbox`,
    accounts: {
      bob: { name: 'Bob Baker', summary: '<p>Bakes and walks.</p>' },
      carol: { name: 'Carol' },
      dora: { name: 'Dora' },
      erin: { name: 'Erin' },
    },
  })
  const rooms = await play(stack, guest, author)
  const web = await openWebClient(guest.client)
  for (const [name, roomId] of rooms) await shoot(web, name, roomId)
  await web.stop()
  await author.stop()
}

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(() => endAll())
  .finally(() => process.exit())
