import type { PeerAccount } from '../test/e2e/support/control-peer.ts'
import { bodyOf, createSenses, objectOf, type Senses, wordsOf } from './senses.ts'
import type { Stage } from './stage.ts'
import type { Terminal } from './terminal.ts'

type Scene = {
  readonly stage: Stage
  readonly senses: Senses
  readonly tell: Terminal['row']
  readonly bob: PeerAccount
  readonly carol: PeerAccount
}

const quoted = (text: string): string => `“${text}”`
const html = (text: string): string => `<p>${text}</p>`

/**
 * alice does all that the bridge is for; every row is shown after the other side has seen it. An
 * error when something does not arrive in time (milliseconds). The answer is her actor's id.
 */
export async function play(
  stage: Stage,
  { tell, patience }: { readonly tell: Terminal['row']; readonly patience: number },
): Promise<string> {
  const { alice, botId, fediverse } = stage
  const chat = await alice.createRoom({ is_direct: true, invite: [botId] })
  const senses = createSenses(stage, chat, patience)
  const people = { bob: fediverse.account('bob'), carol: fediverse.account('carol') }
  const scene: Scene = { stage, senses, tell, ...people }
  await meetBot(scene)
  const { actor, room } = await follow(scene)
  const post = await readAndAnswer(scene, room)
  const profile = await publish(scene, actor)
  await talkInPrivate(scene, actor)
  await deleteBoth(scene, { post, ...profile })
  return actor
}

async function meetBot({ stage, senses, tell }: Scene): Promise<void> {
  tell({ matrix: 'alice opens a chat with @apbot' })
  const welcome = await senses.sees('a welcome', (e) => e.sender === stage.botId && !!bodyOf(e))
  tell({ matrix: `apbot: ${bodyOf(welcome)}` })
}

async function follow({ stage, senses, tell, bob }: Scene) {
  const older = 'Written long before'
  await stage.fediverse.post('bob', { content: html(older) })
  await senses.asks(`follow ${bob.handle}`, 'Requested')
  const { actor } = await senses.receives('Follow')
  tell({
    matrix: `alice: follow ${bob.handle}`,
    way: 'right',
    fediverse: `Follow from ${stage.handle}`,
  })
  const { roomId, name } = await senses.joins('portal')
  tell({ matrix: `alice gets a room: ${quoted(name)}`, way: 'left', fediverse: 'bob accepts' })
  const backlog = await senses.reads(older, roomId)
  tell({
    matrix: `bob: ${quoted(bodyOf(backlog))}`,
    way: 'left',
    fediverse: 'bob’s earlier posts, once',
  })
  return { room: roomId, actor: String(actor) }
}

/** Reading, answering in the thread, a like, an edit from either side. */
async function readAndAnswer({ stage, senses, tell }: Scene, room: string) {
  const { alice, fediverse } = stage
  const hello = 'Good morning, Matrix'
  const post = await fediverse.post('bob', { content: html(hello) })
  const shown = await senses.reads(hello, room)
  const root = shown.event_id ?? ''
  tell({
    matrix: `bob: ${quoted(bodyOf(shown))}`,
    way: 'left',
    fediverse: `bob posts ${quoted(hello)}`,
  })

  const typed = 'Good mornning, bob'
  const answer = await alice.threadReply(room, root, typed)
  const isAnswer = (activity: Parameters<typeof objectOf>[0]): boolean =>
    objectOf(activity)['inReplyTo'] === post.object
  const created = await senses.receives('Create', isAnswer)
  const answerId = String(objectOf(created)['id'])
  tell({
    matrix: `alice, thread: ${quoted(typed)}`,
    way: 'right',
    fediverse: `bob reads ${quoted(wordsOf(created))}`,
  })

  const right = 'Good morning, bob'
  await alice.edit(room, answer, right)
  const updated = await senses.receives('Update', (a) => objectOf(a)['id'] === answerId)
  tell({
    matrix: `alice edits: ${quoted(right)}`,
    way: 'right',
    fediverse: `bob now reads ${quoted(wordsOf(updated))}`,
  })

  await alice.react(room, root, '❤️')
  await senses.receives('Like', (a) => objectOf(a)['id'] === post.object)
  tell({ matrix: 'alice reacts with ❤️', way: 'right', fediverse: 'bob’s post is liked' })

  const edited = 'Good morning, all'
  await fediverse.update('bob', post.object, html(edited))
  const edit = await senses.reads(edited, room)
  tell({
    matrix: `bob, edited: ${quoted(bodyOf(edit))}`,
    way: 'left',
    fediverse: 'bob edits his post',
  })
  return { object: post.object, root }
}

/** A room of alice's own: its readers are on the fediverse, and so are their answers. */
async function publish({ stage, senses, tell, carol }: Scene, actor: string) {
  const { alice, fediverse } = stage
  await senses.asks('publish', 'public room')
  const { roomId, name } = await senses.joins('portal')
  tell({ matrix: 'alice: publish' })
  tell({ matrix: `alice gets a room: ${quoted(name)}` })

  await fediverse.follow('carol', actor)
  await senses.waits('alice accepted carol', async () =>
    (await fediverse.following('carol')).includes(actor),
  )
  await senses.asks('followers', carol.handle)
  tell({
    matrix: 'apbot: carol follows alice',
    way: 'left',
    fediverse: `Follow of ${stage.handle}`,
  })

  const news = 'My first words'
  const root = await alice.text(roomId, news)
  const created = await senses.receives('Create', (a) => wordsOf(a) === news)
  const note = String(objectOf(created)['id'])
  tell({
    matrix: `alice: ${quoted(news)}`,
    way: 'right',
    fediverse: `carol reads ${quoted(wordsOf(created))}`,
  })

  const welcome = 'Welcome, alice!'
  await fediverse.post('carol', { content: html(welcome), inReplyTo: note, mentions: [actor] })
  const seen = await senses.sees(`"${welcome}" in the thread`, (event) => {
    const relation = event.content['m.relates_to'] as { event_id?: string } | undefined
    return bodyOf(event).includes(welcome) && relation?.event_id === root
  })
  tell({
    matrix: `carol, thread: ${quoted(bodyOf(seen))}`,
    way: 'left',
    fediverse: `carol answers ${quoted(welcome)}`,
  })
  return { profileRoom: roomId, news: root, newsId: note }
}

async function talkInPrivate({ stage, senses, tell, carol }: Scene, actor: string) {
  const { alice, fediverse } = stage
  const whisper = 'For you alone'
  await fediverse.post('carol', {
    content: html(whisper),
    visibility: 'direct',
    mentions: [actor],
  })
  const { roomId } = await senses.joins('direct')
  const shown = await senses.reads(whisper, roomId)
  tell({
    matrix: `carol, private: ${quoted(bodyOf(shown))}`,
    way: 'left',
    fediverse: `carol, to alice: ${quoted(whisper)}`,
  })

  const answer = 'This is secret'
  await alice.text(roomId, answer)
  const created = await senses.receives('Create', (a) => wordsOf(a).includes(answer))
  const readers = [created['to'], created['cc'] ?? []].flat()
  if (readers.join() !== carol.id) {
    throw new Error(`alice's private answer went to ${readers.join(', ')}`)
  }
  tell({
    matrix: `alice, private: ${quoted(answer)}`,
    way: 'right',
    fediverse: `to carol alone: ${quoted(wordsOf(created))}`,
  })
}

type Written = {
  readonly post: { readonly object: string; readonly root: string }
  readonly profileRoom: string
  readonly news: string
  readonly newsId: string
}

async function deleteBoth({ stage, senses, tell }: Scene, written: Written): Promise<void> {
  const { alice, fediverse } = stage
  await alice.redact(written.profileRoom, written.news)
  await senses.receives('Delete', (a) => objectOf(a)['id'] === written.newsId)
  tell({
    matrix: 'alice removes her first words',
    way: 'right',
    fediverse: 'carol reads them no more',
  })
  await fediverse.remove('bob', written.post.object)
  await senses.sees("bob's message removed", (event) => {
    const redacts = event.redacts ?? event.content['redacts']
    return event.type === 'm.room.redaction' && redacts === written.post.root
  })
  tell({ matrix: 'bob’s message is gone', way: 'left', fediverse: 'bob deletes his post' })
}
