import sharp from 'sharp'
import {
  pictureAt,
  remoteOf,
  remotePost,
  stageStart,
  startPages,
  type PagesStage,
} from '../test/support/pages.ts'
import { asActivityId, asActorId, asUserId } from '../src/model/ids.ts'
import type { Change } from '../src/model/change.ts'
import type { OutgoingAttachment } from '../src/model/outgoing.ts'
import type { PageDeps } from '../src/web/pages/routes.ts'

const hour = 3_600_000

/** A view over water at some time of the day: two colours and a sun. */
function landscape(size: readonly [number, number], [sky, water]: readonly [string, string]) {
  const [width, height] = size
  const middle = height * 0.62
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${sky}"/><stop offset="1" stop-color="#fbe3c0"/></linearGradient></defs>
<rect width="${width}" height="${height}" fill="url(#g)"/>
<circle cx="${width * 0.7}" cy="${middle - height * 0.1}" r="${height * 0.09}" fill="#fff6dd"/>
<rect y="${middle}" width="${width}" height="${height - middle}" fill="${water}"/>
<path d="M0 ${middle} C ${width * 0.25} ${middle - height * 0.33} ${width * 0.6} ${middle - height * 0.33} ${width * 0.82} ${middle}" fill="none" stroke="#31424a" stroke-width="${height * 0.025}"/>
<path d="M0 ${middle} H ${width}" stroke="#31424a" stroke-width="${height * 0.018}"/></svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

const file = (url: string, name: string, more: Partial<OutgoingAttachment> = {}) => ({
  ...{ type: 'Image' as const, mediaType: 'image/png', url, name, width: 1200, height: 800 },
  ...more,
})

async function makePictures(): Promise<ReadonlyMap<string, Buffer>> {
  return new Map([
    ['header', await landscape([1500, 500], ['#5f8fb4', '#3c6f7e'])],
    ['face', await landscape([400, 400], ['#c96f4a', '#5a3d4f'])],
    ['morning', await landscape([1200, 800], ['#7fb2d8', '#4d8592'])],
    ['evening', await landscape([1200, 800], ['#d9735b', '#553c5e'])],
    ['night', await landscape([1200, 800], ['#1f2a4d', '#182338'])],
    ['cat', await landscape([64, 64], ['#e0b35a', '#0b6b5d'])],
  ])
}

const field = (name: string, html: string) => ({ name, value: { source: '', html } })

async function people({ person, publicUrl }: PagesStage): Promise<void> {
  await person('alice', {
    displayName: 'Alice Waters',
    avatar: pictureAt('face'),
    createdAt: stageStart - 900 * hour,
    profile: {
      header: pictureAt('header'),
      bio: {
        source: '',
        html: '<p>I draw bridges, and walk over the old ones. :wave:</p><p>Mostly <a href="https://social.example/@ursa">the Danube</a>, sometimes <strong>further away</strong>.</p>',
      },
      fields: [
        field('Website', '<a rel="me" href="https://alice.example/">https://alice.example/</a>'),
        field('Pronouns', 'she/her'),
      ],
      emojis: [{ shortcode: 'wave', url: `${publicUrl}/media/cat` }],
      ...{ isLocked: false, isDiscoverable: true, isIndexable: true, isBot: false },
    },
  })
  await person('bob', { displayName: 'Bob Baker' })
  await person('closed', { displayName: 'Nobody’s Business' }, 'off')
}

async function posts({ post, objectId, publicUrl }: PagesStage): Promise<void> {
  const at = (hours: number) => ({ published: stageStart - hours * hour })
  const media = (name: string) => `${publicUrl}/media/${name}`
  await post('alice', 'first', { ...at(90), content: '<p>Hello. I am new here.</p>' })
  await post('alice', 'poll', {
    ...at(50),
    content: '<p>Which one shall I draw next?</p>',
    poll: {
      options: [
        { name: 'The stone bridge', votes: 14 },
        { name: 'The iron one by the weir', votes: 9 },
        { name: 'The rope bridge', votes: 2 },
      ],
      ...{ isMultiple: false, isClosed: false, voters: 25, endTime: stageStart + 20 * hour },
    },
  })
  await post('alice', 'warning', {
    ...at(30),
    content: '<p>It falls down, of course.</p>',
    ...{ summary: 'The end of the film about the bridge', sensitive: true },
  })
  await post('alice', 'pictures', {
    ...at(20),
    content:
      '<p>The same bridge on one day: morning, evening, night. <a href="https://fedi.example/tags/bridges" class="mention hashtag" rel="tag">#<span>bridges</span></a></p>',
    hashtags: [{ name: '#bridges', href: 'https://fedi.example/tags/bridges' }],
    attachments: [
      file(media('morning'), 'The bridge in the morning, the river is light blue'),
      file(media('evening'), 'The bridge in red evening light'),
    ],
  })
  await post('alice', 'picture', {
    ...at(8),
    content:
      '<p>Three hundred years old, and they still drive over it.</p><ul><li>Built of <em>sandstone</em></li><li>Mended in 1951</li></ul><blockquote><p>Nothing lasts like what is mended.</p></blockquote>',
    attachments: [file(media('night'), 'A stone bridge at night')],
    updated: stageStart - 7 * hour,
  })
  await post('alice', 'answer', {
    ...at(1),
    content: '<p>I use a soft pencil, and a lot of paper.</p>',
    inReplyTo: objectId('question'),
  })
  await post('bob', 'question', {
    published: stageStart - 2 * hour,
    content: '<p>What do you draw that with?</p>',
    inReplyTo: objectId('picture'),
  })
}

async function applause({ commit, actorId, objectId }: PagesStage): Promise<void> {
  const ursa = remoteOf('ursa', 'social.example')
  const reply = remotePost('1', ursa, {
    inReplyTo: objectId('picture'),
    url: `https://social.example/@ursa/1`,
  })
  const likes = Array.from({ length: 12 }, (_, n): Change => ({
    change: 'put-reaction',
    reaction: {
      activityId: asActivityId(`https://social.example/likes/${n}`),
      actor: asActorId(`https://social.example/users/u${n}`),
      object: objectId('picture'),
      ...(n < 9 ? { type: 'Like', key: '❤️' } : { type: 'Announce', key: '🔁' }),
    },
  }))
  const follows = Array.from({ length: 48 }, (_, n): Change => ({
    change: 'put-follow',
    follow: {
      follower: asActorId(`https://social.example/users/u${n}`),
      followed: actorId('alice'),
      activityId: asActivityId(`https://social.example/follows/${n}`),
      ...{
        state: 'accepted',
        requestedAt: 0,
        withReplies: false,
        withBoosts: true,
        shownIn: 'room',
      },
    },
  }))
  const blocks = (['suspend', 'silence', 'none'] as const).map((severity, n): Change => ({
    change: 'put-domain-block',
    block: {
      domain: ['spam.example', 'loud.example', 'pictures.example'][n] ?? '',
      ...{ severity, rejectsMedia: severity === 'none', rejectsReports: false },
      ...(severity === 'suspend' ? { publicComment: 'Nothing but advertising' } : {}),
      ...{ by: asUserId('@admin:hs.test'), at: 0 },
    },
  }))
  await commit(
    { change: 'put-remote-actor', actor: ursa },
    { change: 'put-object', object: reply },
    { change: 'put-featured', actor: actorId('alice'), objects: [objectId('first')] },
    ...likes,
    ...follows,
    ...blocks,
  )
}

const about = {
  operator: 'The Society of the Friends of Bridges, Regensburg',
  contact: 'admin@bridges.example',
  rules: ['Be kind.', 'No advertising.', 'What is not yours to publish is not to be published.'],
  blockedServers: 'shown' as const,
}

/** A server with people, posts and all that happens to them. */
export async function startScene(given: Partial<PageDeps> = {}): Promise<PagesStage> {
  const pictures = await makePictures()
  const stage = await startPages({ pictures, about, pruneAfter: 90 * 24 * hour, ...given })
  await people(stage)
  await posts(stage)
  await applause(stage)
  return stage
}
