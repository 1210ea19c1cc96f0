import { beforeAll, expect, test } from '@jest/globals'
import { type ControlledPeer, startApex, startFedify } from './support/control-peer.ts'
import { describeWith } from './support/peers.ts'
import { type Snac, startSnac } from './support/snac.ts'
import { waitUntil } from './support/wait.ts'

const receives = (peer: ControlledPeer, type: string, text: string) =>
  waitUntil(`${peer.url} receives ${type} with "${text}"`, async () =>
    (await peer.received()).find(
      ({ activity, status }) =>
        status < 300 && activity.type === type && JSON.stringify(activity.object).includes(text),
    ),
  )

describeWith(['snac'], 'two snac servers', () => {
  let first: Snac
  let second: Snac

  beforeAll(async () => {
    first = await startSnac({ users: ['anna'] })
    second = await startSnac({ users: ['ben'] })
  })

  test('follow, post, reply, like and send direct messages', async () => {
    const [anna, ben] = [first.user('anna'), second.user('ben')]
    await ben.follow(anna.id)
    await waitUntil('anna has a follower', async () =>
      (await anna.notifications()).some(({ type }) => type === 'follow'),
    )
    const post = await anna.note('first words')
    const arrived = await second.user('ben').reads('first words')
    expect(arrived).toMatchObject({ uri: post.uri, visibility: 'public' })

    await ben.reply(arrived, 'an answer')
    await first.user('anna').reads('an answer')
    await ben.like(arrived)
    await waitUntil('anna sees the like', async () =>
      (await anna.notifications()).some(({ type }) => type === 'favourite'),
    )
    await anna.direct(ben.id, 'for you alone')
    await ben.reads('for you alone')
  })

  test('deliver later what could not be delivered', async () => {
    await second.stop()
    await first.user('anna').note('while you were away')
    await second.start()
    await second.user('ben').reads('while you were away')
  })
})

describeWith(['snac', 'fedify'], 'snac and Fedify', () => {
  test('follow each other and read each other', async () => {
    const snac = await startSnac({ users: ['anna'] })
    const fedify = await startFedify({ accounts: ['carol'], cavageFirst: true })
    const [anna, carol] = [snac.user('anna'), fedify.account('carol')]
    await anna.follow(carol.id)
    await fedify.follow('carol', anna.id)
    await waitUntil('both follows', async () => {
      const [followers, following] = await Promise.all([
        fedify.followers('carol'),
        fedify.following('carol'),
      ])
      return followers.includes(anna.id) && following.includes(anna.id)
    })
    await fedify.post('carol', { content: '<p>to my followers</p>', visibility: 'followers' })
    await snac.user('anna').reads('to my followers')
    await anna.note('to everybody')
    await receives(fedify, 'Create', 'to everybody')
  })
})

describeWith(['apex', 'fedify'], 'activitypub-express and Fedify', () => {
  let apex: ControlledPeer
  let fedify: ControlledPeer

  beforeAll(async () => {
    apex = await startApex({ accounts: ['alice', 'bob'] })
    fedify = await startFedify({ accounts: ['carol'], locked: true })
  })

  test('a held follow is answered when it is told to', async () => {
    const [alice, carol] = [apex.account('alice'), fedify.account('carol')]
    const { activity } = await apex.follow('alice', carol.id)
    await waitUntil('the follow', async () =>
      (await fedify.received()).some((item) => item.activity.id === activity),
    )
    expect(await fedify.followers('carol')).toEqual([])
    await fedify.answerFollow('carol', activity, true)
    await waitUntil('the acceptance', async () =>
      (await apex.following('alice')).includes(carol.id),
    )
    expect(await fedify.followers('carol')).toEqual([alice.id])
  })

  test('a note is posted, liked, changed and deleted', async () => {
    const carol = fedify.account('carol')
    const note = await fedify.post('carol', { content: 'one', visibility: 'followers' })
    await receives(apex, 'Create', note.object)
    await apex.like('alice', note.object, carol.id)
    await receives(fedify, 'Like', note.object)
    await fedify.update('carol', note.object, 'two')
    await receives(apex, 'Update', 'two')
    await fedify.remove('carol', note.object)
    await receives(apex, 'Delete', note.object)
  })

  test('an inbox that answers 500 gets the note once it works again', async () => {
    await apex.failInbox(true)
    const note = await fedify.post('carol', { content: 'later', visibility: 'followers' })
    await waitUntil('a refused attempt', async () =>
      (await apex.received()).some(({ status }) => status === 500),
    )
    await apex.failInbox(false)
    await receives(apex, 'Create', note.object)
  })
})
