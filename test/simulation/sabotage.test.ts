import { describe, expect, test } from '@jest/globals'
import type { Assembly } from '../../src/assembly.ts'
import { publicCollection } from '../../src/model/audience.ts'
import { asRoomAlias } from '../../src/model/ids.ts'
import type { Follow, Reaction } from '../../src/model/relation.ts'
import type { OutgoingActivity } from '../../src/model/outgoing.ts'
import { play } from './play.ts'
import type { Theme } from './storm.ts'

/** A simulation that finds nothing proves nothing: each of these bridges breaks one promise. */
type Sabotage = {
  readonly name: string
  readonly breakIt: (assembly: Assembly) => void
  /** What people do so that it shows. */
  readonly theme?: Theme
  /** What the first seed that notices it says. */
  readonly found: RegExp
}

const mostSeeds = 600

type Counts = ReadonlyMap<string, number>

/** What goes out says something else. */
const saying =
  (change: (text: string, activity: OutgoingActivity) => string): Sabotage['breakIt'] =>
  ({ deps: { fediverse } }) => {
    const { serialize } = fediverse
    Object.assign(fediverse, {
      serialize: (activity: OutgoingActivity) => change(serialize(activity), activity),
    })
  }

/** State of rooms that is never set. */
const without =
  (type: string): Sabotage['breakIt'] =>
  ({ deps: { homeserver } }) => {
    const { setState } = homeserver
    Object.assign(homeserver, {
      setState: async (...[as, roomId, event]: Parameters<typeof setState>) =>
        event.type === type ? undefined : setState(as, roomId, event),
    })
  }

const themed: readonly Sabotage[] = [
  {
    name: 'votes of others are not counted',
    theme: 'polls',
    breakIt: ({ deps: { store } }) => {
      const { tallyOf } = store
      Object.assign(store, {
        tallyOf: async (...asked: Parameters<typeof tallyOf>) => ({
          ...(await tallyOf(...asked)),
          votes: new Map<string, number>(),
        }),
      })
    },
    found: /counts .* not/,
  },
  {
    name: 'a second vote is sent as well',
    theme: 'polls',
    breakIt: ({ deps: { store } }) => void Object.assign(store, { votesBy: async () => [] }),
    found: /voted \w+, told \w+,|counts .* not/,
  },
  {
    name: 'votes are told to everybody',
    theme: 'polls',
    breakIt: saying((text, { type }) =>
      type === 'vote' ? text.replace('"cc":[]', `"cc":["${publicCollection}"]`) : text,
    ),
    found: /a vote leaked/,
  },
  {
    name: 'each count of a poll is a notice of its own',
    theme: 'polls',
    breakIt: ({ deps: { homeserver } }) => {
      const { send } = homeserver
      Object.assign(homeserver, {
        send: (...[as, roomId, message]: Parameters<typeof send>) => {
          const { 'm.new_content': counted, ...content } = message.content
          const isTally = JSON.stringify(counted ?? {}).includes('otes: ')
          return send(as, roomId, isTally ? { ...message, content } : message)
        },
      })
    },
    found: /reads ".*", not "(?:Final v|V)otes|the room reads/,
  },
  {
    name: 'who moves an account home stays in its room',
    theme: 'home',
    breakIt: ({ deps: { homeserver } }) =>
      void Object.assign(homeserver, { kick: async () => undefined }),
    found: /at home, and is in its room/,
  },
  {
    name: 'nobody is known to read at home',
    theme: 'home',
    breakIt: ({ deps: { store } }) => {
      const { followersOf } = store
      Object.assign(store, {
        followersOf: async (followed: Follow['followed']) =>
          (await followersOf(followed)).map((follow) => ({ ...follow, shownIn: 'room' })),
      })
    },
    found: /never came to .*, who reads it/,
  },
  {
    name: 'what was published while we were away is not read back',
    theme: 'missed',
    breakIt: ({ deps: { store } }) => {
      const { findMark } = store
      Object.assign(store, {
        findMark: async (key: string) => (key === 'alive' ? undefined : findMark(key)),
      })
    },
    found: /never came to .*, who reads it/,
  },
  {
    name: 'nobody has chats',
    theme: 'chats',
    breakIt: ({ deps: { fediverse } }) => {
      const { fetchServer } = fediverse
      Object.assign(fediverse, {
        fetchServer: async (host: string) => ({ ...(await fetchServer(host)), hasChats: false }),
      })
    },
    found: /is no chat message/,
  },
  {
    name: 'everybody has chats',
    theme: 'chats',
    breakIt: ({ deps: { fediverse } }) => {
      const { fetchServer } = fediverse
      Object.assign(fediverse, {
        fetchServer: async (host: string) => ({ ...(await fetchServer(host)), hasChats: true }),
      })
    },
    found: /is a chat message, and may not be/,
  },
  {
    name: 'every reaction is another emoji',
    theme: 'emoji',
    breakIt: saying((text, { type }) => (type === 'react' ? text.replace(/🎉/gu, '🐙') : text)),
    found: /a reaction says/,
  },
  {
    name: 'all reactions are counted as likes',
    theme: 'emoji',
    breakIt: ({ deps: { store } }) => {
      const { countReactions } = store
      Object.assign(store, {
        countReactions: async (...asked: Parameters<typeof countReactions>) => {
          const counts = [...(await countReactions(...asked)).values()]
          return new Map(counts.length === 0 ? [] : [['❤️', counts.reduce((a, b) => a + b)]])
        },
      })
    },
    found: /likes stand, \d+ counted and \d+ shown \((?:🎉|:blob:)\)/u,
  },
  {
    name: 'what is unpinned stays on the profile',
    theme: 'pins',
    breakIt: saying((text, { type }) =>
      type === 'unfeature' ? text.replace('"type":"Remove"', '"type":"Arrive"') : text,
    ),
    found: /is not pinned, .* heard Add/,
  },
  {
    name: 'nothing is pinned in the room of an account',
    theme: 'pins',
    breakIt: without('m.room.pinned_events'),
    found: /is not pinned in/,
  },
  {
    name: 'nobody hears what somebody says of themselves',
    theme: 'profiles',
    breakIt: saying((text, { type }) =>
      type === 'update-actor' ? text.replace(/bio mark/g, 'no word') : text,
    ),
    found: /reads .* about @/,
  },
  {
    name: 'what an account says of itself comes into no room',
    theme: 'profiles',
    breakIt: without('m.room.topic'),
    found: /the room of .* is about/,
  },
]

const sabotages: readonly Sabotage[] = [
  ...themed,
  {
    name: 'events that were sent are not written down',
    breakIt: ({ deps: { store } }) => {
      const { commit } = store
      Object.assign(store, {
        commit: (changes: Parameters<typeof commit>[0]) =>
          commit(changes.filter(({ change }) => change !== 'add-mapping')),
      })
    },
    found: /still stands|times in|not with|is not in/,
  },
  {
    name: 'what may have been sent already is not looked for',
    breakIt: ({ deps }) => {
      Object.assign(deps.homeserver, { findSent: async () => undefined })
    },
    found: /times in|got 2 answers|summaries/,
  },
  {
    name: 'former followers are still told',
    breakIt: ({ deps: { store } }) => {
      const all = new Map<string, Follow>()
      const { followersOf } = store
      Object.assign(store, {
        followersOf: async (followed: Follow['followed']) => {
          for (const follow of await followersOf(followed))
            all.set(`${follow.follower} ${followed}`, follow)
          return [...all.values()].filter((follow) => follow.followed === followed)
        },
      })
    },
    found: /leaked/,
  },
  {
    name: 'a block is not remembered',
    breakIt: ({ deps: { store } }) => {
      Object.assign(store, { findBlock: async () => undefined })
    },
    found: /leaked|is to/,
  },
  {
    name: 'what was said before a ghost joined is not read back',
    breakIt: ({ deps }) => {
      Object.assign(deps.homeserver, { jobsSinceInvite: async () => ({ jobs: [], isCut: false }) })
    },
    found: /never reached|got 0 answers|wants to follow/,
  },
  {
    name: 'whoever got a message is not told that it was deleted',
    breakIt: ({ deps: { fediverse } }) => {
      const { serialize } = fediverse
      Object.assign(fediverse, {
        serialize: (activity: Parameters<typeof serialize>[0]) =>
          serialize(activity).replace('"type":"Delete"', '"type":"Remove"'),
      })
    },
    found: /was not deleted/,
  },
  {
    name: 'whoever got a message is not told that it was changed',
    breakIt: ({ deps: { fediverse } }) => {
      const { serialize } = fediverse
      Object.assign(fediverse, {
        serialize: (activity: Parameters<typeof serialize>[0]) =>
          serialize(activity).replace('"type":"Update"', '"type":"Arrive"'),
      })
    },
    found: /ends as .* at https/,
  },
  {
    name: 'an edit of a post does not say what it changes',
    breakIt: ({ deps: { homeserver } }) => {
      const { send } = homeserver
      Object.assign(homeserver, {
        send: (...[as, roomId, message]: Parameters<typeof send>) => {
          const { 'm.relates_to': relation, ...content } = message.content
          const isEdit = 'm.new_content' in content
          const shown = isEdit ? content : { ...content, 'm.relates_to': relation }
          return send(as, roomId, { ...message, content: shown })
        },
      })
    },
    found: /times in|ends as .* in !/,
  },
  {
    name: 'a reaction that is taken back is not known',
    breakIt: ({ deps: { store } }) => {
      Object.assign(store, { findReaction: async () => undefined })
    },
    found: /told, \d+ undone/,
  },
  {
    name: 'likes that were taken back are counted still',
    breakIt: ({ deps: { store } }) => {
      const most = new Map<string, Counts>()
      const total = (counts: Counts) => [...counts.values()].reduce((sum, n) => sum + n, 0)
      const { countReactions } = store
      Object.assign(store, {
        countReactions: async (...asked: Parameters<typeof countReactions>) => {
          const [object, roomId] = asked
          const name = `${object} ${roomId}`
          const now = await countReactions(...asked)
          const before = most.get(name) ?? now
          most.set(name, total(now) < total(before) ? before : now)
          return most.get(name)
        },
      })
    },
    found: /likes stand, \d+ counted/,
  },
  {
    name: 'what is fetched is taken for public',
    breakIt: ({ deps: { fediverse } }) => {
      const { fetchNote } = fediverse
      Object.assign(fediverse, {
        fetchNote: async (...asked: Parameters<typeof fetchNote>) => ({
          ...(await fetchNote(...asked)),
          to: [publicCollection],
        }),
      })
    },
    found: /is quoted in/,
  },
  {
    name: 'a boost that is taken back stays',
    breakIt: ({ deps: { store } }) => {
      const { findReaction, reactionsBy } = store
      const isBoost = (reaction: Reaction | undefined): boolean => reaction?.type === 'Announce'
      Object.assign(store, {
        findReaction: async (id: Reaction['activityId']) => {
          const reaction = await findReaction(id)
          return isBoost(reaction) ? undefined : reaction
        },
        reactionsBy: async (...asked: Parameters<typeof reactionsBy>) =>
          (await reactionsBy(...asked)).filter((reaction) => !isBoost(reaction)),
      })
    },
    found: /no longer boosted/,
  },
  {
    name: 'an alias that is taken makes another room',
    breakIt: ({ deps }) => {
      const { homeserver } = deps
      const { createRoom } = homeserver
      Object.assign(homeserver, {
        createRoom: (...[as, request]: Parameters<typeof createRoom>) =>
          createRoom(as, { ...request, alias: asRoomAlias(`#_ap_${deps.random.id()}:hs.test`) }),
      })
    },
    found: /is nothing|same portal/,
  },
]

async function firstFound({ breakIt, found, theme }: Sabotage): Promise<string | undefined> {
  const themes = theme === undefined ? [] : [theme]
  for (let seed = 0; seed < mostSeeds; seed++) {
    const { violations } = await play(String(seed), { sabotage: breakIt, themes })
    const line = violations.find((violation) => found.test(violation))
    if (line !== undefined) return line
  }
  return undefined
}

describe('the simulation notices when', () => {
  test.each(sabotages)(
    '$name',
    async (sabotage) => {
      expect(await firstFound(sabotage)).toMatch(sabotage.found)
    },
    1_200_000,
  )
})
