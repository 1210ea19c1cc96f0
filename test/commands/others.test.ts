import { describe, expect, test } from '@jest/globals'
import { matrixLink } from '../../src/bridge/portals.ts'
import { asRoomId } from '../../src/model/ids.ts'
import { alice, carol, setUp } from './setup.ts'

const notEnabled = "This server's admin has not enabled Footbridge for you."

describe('register and whoami', () => {
  test('the answer shows the handle, and only the first one makes somebody', async () => {
    const { bridge, ask } = await setUp()
    expect(await ask('whoami')).toEqual([
      'Nobody on the fediverse knows you yet. `register` makes you @alice@hs.test.',
    ])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
    expect(await ask('register')).toEqual([
      'On the fediverse you are now @alice@hs.test. `publish` opens a room whose messages your followers read.',
    ])
    const actor = await bridge.store.findLocalActorByUser(alice)
    expect(actor).toEqual({
      id: actor?.id,
      userId: alice,
      username: 'alice',
      createdAt: bridge.clock.now(),
    })
    expect(await ask('register')).toEqual(['On the fediverse you are @alice@hs.test already.'])
    expect(await ask('whoami')).toEqual(['On the fediverse you are @alice@hs.test.'])
    expect(await bridge.store.findLocalActorByUser(alice)).toEqual(actor)
    expect(bridge.delivered).toEqual([])
  })
})

describe('publish', () => {
  test('opens one public room, invites to it again, and publishes nothing', async () => {
    const { bridge, user, chat, ask } = await setUp()
    const [first = ''] = await ask('publish')
    const [room = asRoomId('none')] = user.rooms('invite')
    const text = `What you write in your public room goes to your followers and the public. People follow you as @alice@hs.test. I invite you to the room: ${matrixLink(room)}`
    expect(first).toBe(`On the fediverse you are now @alice@hs.test.\n${text}`)
    const actor = await bridge.store.findLocalActorByUser(alice)
    expect(await bridge.store.findPortalByRoom(room)).toEqual({
      kind: 'profile',
      userId: alice,
      actorId: actor?.id,
      roomId: room,
    })
    user.join(room)
    user.leave(room)
    await bridge.settle()
    expect(await ask('publish')).toEqual([text])
    expect(user.rooms('invite')).toEqual([room])
    expect(bridge.hs.rooms()).toEqual([chat, room])
    expect(bridge.delivered).toEqual([])
  })

  test('with words after it publishes nothing and says how it is written', async () => {
    const { bridge, chat, ask } = await setUp()
    expect(await ask('publish Hello everybody')).toEqual([
      'Opens your public room: what you write there goes to your followers and the public.\n' +
        'It is written like this: `publish`',
    ])
    expect([bridge.hs.rooms(), bridge.delivered]).toEqual([[chat], []])
  })
})

describe('dm', () => {
  test('opens one chat for a set of people and sends nothing', async () => {
    const { bridge, bob, user, chat, ask } = await setUp()
    const eve = bridge.fediverse.addAccount('eve@other.test')
    const [first = ''] = await ask('dm @bob@social.test @eve@other.test')
    const [room = asRoomId('none')] = user.rooms('invite')
    const link = matrixLink(room)
    expect(first).toBe(
      'On the fediverse you are now @alice@hs.test.\n' +
        `Your private chat with @bob@social.test, @eve@other.test is here: ${link}\nTheir servers and this one can read it.`,
    )
    const portal = await bridge.store.findPortalByRoom(room)
    expect(portal).toEqual({
      kind: 'direct',
      roomId: room,
      context: portal?.context,
      participants: expect.arrayContaining([
        { kind: 'user', userId: alice },
        { kind: 'actor', actorId: bob.id },
        { kind: 'actor', actorId: eve.id },
      ]) as unknown,
    })
    expect(await ask('dm eve@other.test bob@social.test eve@other.test')).toEqual([
      `Your private chat with @eve@other.test, @bob@social.test is here: ${link}\nTheir servers and this one can read it.`,
    ])
    expect(bridge.hs.rooms()).toEqual([chat, room])
    expect([...bridge.hs.members(room, 'join')].sort()).toEqual([
      '@_ap_bob_social.test:hs.test',
      '@_ap_eve_other.test:hs.test',
      '@apbot:hs.test',
    ])
    expect(bridge.delivered).toEqual([])
  })

  test('may include people of this server, and needs somebody of another one', async () => {
    const { bridge, user, ask } = await setUp()
    const other = await bridge.meet(carol)
    other.user.say(other.chat, 'register')
    await ask('register')
    expect(await ask('dm @carol@hs.test')).toEqual([
      'That needs no bridge: start a chat on Matrix with @carol:hs.test.',
    ])
    expect(await ask('dm @alice@hs.test')).toEqual(['That is you. Name somebody else to write to.'])
    await ask('dm @carol@hs.test @bob@social.test')
    expect(other.user.rooms('invite')).toEqual(user.rooms('invite'))
    expect(user.rooms('invite')).toHaveLength(1)
  })

  test('with one name that is nobody opens nothing', async () => {
    const { bridge, chat, ask } = await setUp()
    expect(await ask('dm @bob@social.test nobody')).toEqual([
      '`nobody` is no fediverse address. It looks like `@user@host`, or is the link of a profile.',
    ])
    expect(bridge.hs.rooms()).toEqual([chat])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
  })

  test.each([['dm'], [`dm ${'a@b.test '.repeat(11)}`]])(
    '%s says how it is written',
    async (line) => {
      const { ask } = await setUp()
      expect(await ask(line)).toEqual([
        'Opens a private chat with one or several fediverse accounts.\n' +
          'It is written like this: `dm <@user@host> [@user@host …]`',
      ])
    },
  )
})

describe('settings', () => {
  test('show what holds, change, and refuse what there is not', async () => {
    const { bridge, ask } = await setUp()
    const dms = (value: string) =>
      `\`dms\` is \`${value}\` (or \`everyone\`, \`nobody\`). Who may open a private chat with you.`
    const [all = ''] = await ask('settings')
    expect(all.split('\n')).toEqual([
      '`room_posts` is `ask` (or `on`, `off`).',
      expect.stringContaining('`dms` is `everyone` ('),
      expect.stringContaining('`visibility` is `public` ('),
      expect.stringContaining('`quotes` is `everyone` ('),
      expect.stringContaining('`follow_lists` is `shown` ('),
      '`space` is `off` (or `on`).',
      '`web_page` is `off` (or `on`).',
      '`locked` is `off`, `discoverable` is `off`, `indexable` is `off`.',
      '`settings <name>` says what it means.',
    ])
    expect(await ask('settings DMs Followed')).toEqual(['`dms` is now `followed`.'])
    expect(await ask('settings dms')).toEqual([dms('followed')])
    expect(await bridge.store.findSetting(alice, 'dms')).toBe('followed')
    expect(await ask('settings room-posts off')).toEqual(['`room_posts` is now `off`.'])
    expect(await bridge.store.findSetting(alice, 'room_posts')).toBe('off')
    expect(await ask('settings portal_posts on')).toEqual(['`room_posts` is now `on`.'])
    expect(await bridge.store.findSetting(alice, 'room_posts')).toBe('on')
    expect(await ask('settings dms maybe')).toEqual([
      '`dms` can be `everyone`, `followed`, `nobody`. Who may open a private chat with you.',
    ])
    expect(await ask('settings room_post on')).toEqual([
      'There is no setting `room_post`. Did you mean `room_posts`? `settings` shows them all.',
    ])
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(await ask(`settings ${name} on`)).toEqual([
        `There is no setting \`${name}\`. \`settings\` shows them all.`,
      ])
    expect(await bridge.store.findSetting(alice, 'dms')).toBe('followed')
  })
})

describe('help and what is no command', () => {
  test('help of one command shows how it is written, and examples', async () => {
    const { ask } = await setUp()
    const text = [
      'Stops following an account and takes you out of its room.',
      'It is written like this: `unfollow <@user@host>`',
      'Leaving the room of an account does the same.',
      'For example: `unfollow @user@social.example`',
    ].join('\n')
    expect(await ask('help unfollow')).toEqual([text])
    expect(await ask('HELP !Unfollow')).toEqual([text])
  })

  test.each([
    [
      'folow @bob@social.test',
      'I do not know `folow`. Did you mean `follow`? `help` lists all commands.',
    ],
    [
      'help folowing',
      'I do not know `folowing`. Did you mean `following`? `help` lists all commands.',
    ],
    ['hello', 'I do not know `hello`. `help` lists all commands.'],
    ['constructor', 'I do not know `constructor`. `help` lists all commands.'],
    [
      '@bob@social.test',
      'I do not know `@bob@social.test`. Did you mean `follow @bob@social.test`? `help` lists all commands.',
    ],
  ])('%s is answered with the nearest match', async (line, text) => {
    const { bridge, ask } = await setUp()
    expect(await ask(line)).toEqual([text])
    expect(bridge.fediverse.lookups).toEqual([])
  })

  test('every way to ask for help shows the same list', async () => {
    const { ask } = await setUp()
    const lists = [await ask('help'), await ask('!help'), await ask('!ap help'), await ask('!ap')]
    expect(new Set(lists.flat()).size).toBe(1)
    expect(lists.map((list) => list.length)).toEqual([1, 1, 1, 1])
  })
})

describe('where commands are written', () => {
  test('elsewhere only what has the prefix is a command, and the answer replies to it', async () => {
    const { bridge, user, ask } = await setUp()
    await ask('publish')
    const [room = asRoomId('none')] = user.rooms('invite')
    user.join(room)
    const line = user.say(room, '!ap whoami')
    user.say(room, '!whoami')
    user.say(room, '!apwhoami')
    await bridge.settle()
    const notices = bridge.hs
      .timeline(room)
      .map(({ content }) => content as Readonly<Record<string, unknown>>)
      .filter(({ msgtype }) => msgtype === 'm.notice')
    expect(notices).toEqual([
      {
        msgtype: 'm.notice',
        body: 'On the fediverse you are @alice@hs.test.',
        'm.mentions': {},
        'm.relates_to': { 'm.in_reply_to': { event_id: line } },
        'org.footbridge.txn': expect.any(String) as unknown,
      },
    ])
    expect(bridge.delivered).toEqual([])
  })

  test('who may not use the bridge gets one sentence for everything', async () => {
    let permission: 'user' | 'none' = 'user'
    const { bridge, ask } = await setUp({ permissionOf: () => permission })
    permission = 'none'
    for (const line of ['help', 'whoami', 'register', 'follow @bob@social.test', 'nonsense'])
      expect(await ask(line)).toEqual([notEnabled])
    expect(await bridge.store.findLocalActorByUser(alice)).toBeUndefined()
    expect([bridge.fediverse.lookups, bridge.delivered]).toEqual([[], []])
  })

  test('logs name known commands and nothing that was typed', async () => {
    const { bridge, ask } = await setUp()
    await ask('my-password 1234')
    expect(bridge.outcomes.at(-1)).toBe('event command unknown')
  })
})
