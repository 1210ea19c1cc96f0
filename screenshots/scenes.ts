import { pngOf } from '../test/support/samples.ts'
import { asPublic, type Author } from './author.ts'

/** Who writes there, and to whom. */
export type Cast = {
  readonly author: Author
  /** The account whose room it is. */
  readonly host: string
  /** `alice` on the fediverse. */
  readonly aliceId: string
}

type Json = Readonly<Record<string, unknown>>

const image = (url: string, name: string): Json => ({
  type: 'Document',
  mediaType: 'image/png',
  url,
  name,
  width: 480,
  height: 270,
})

const emoji = (url: string): Json => ({
  type: 'Emoji',
  id: url,
  name: ':blobcat:',
  icon: { type: 'Image', mediaType: 'image/png', url },
})

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString()

/** A room of posts as the microblogs write them. */
export async function microblog({ author, host, aliceId }: Cast): Promise<void> {
  const sea = author.file('sea.png', pngOf(480, 270, 120), 'image/png')
  const sky = author.file('sky.png', pngOf(480, 270, 200), 'image/png')
  const cat = author.file('cat.png', pngOf(32, 32, 30), 'image/png')
  await author.post(host, {
    content: `<p>Good morning, <span class="h-card"><a href="${aliceId}" class="u-url mention">@<span>alice</span></a></span>. A list:</p><ul><li>one <strong>bold</strong> thing</li><li>and <code>code</code></li></ul><blockquote><p>Somebody said so.</p></blockquote><p><a href="https://example.org/a/long/path/to/read"><span class="invisible">https://</span><span class="ellipsis">example.org/a/long/</span><span class="invisible">path/to/read</span></a></p>`,
    tag: [{ type: 'Mention', href: aliceId, name: '@alice' }],
    cc: [`${author.id(host)}/followers`, aliceId],
  })
  await author.post(host, {
    content: '<p>The house burns down in the third act.</p>',
    summary: 'The end of the play',
    sensitive: true,
  })
  await author.post(host, {
    content: '<p>Two pictures of the same day.</p>',
    attachment: [image(sea, 'A grey sea'), image(sky, 'A light sky above it')],
  })
  await author.post(host, {
    content: '<p>Look at this :blobcat: here</p>',
    tag: [emoji(cat)],
  })
  await author.post(host, {
    to: [`${author.id(host)}/followers`],
    cc: [],
    content: '<p>For those who follow me.</p>',
  })
}

/** Boosts, quotes and polls. */
export async function conversation({ author, host }: Cast): Promise<void> {
  const said = await author.post('carol', { content: '<p>I said this <em>first</em>.</p>' })
  await author.send(host, {
    type: 'Announce',
    object: said,
    cc: [`${author.id(host)}/followers`],
    published: new Date().toISOString(),
  })
  await author.post(host, {
    content: `<p>And she was right.</p><p class="quote-inline">RE: <a href="${said}">${said}</a></p>`,
    quoteUrl: said,
    _misskey_quote: said,
  })
  await author.post(host, {
    type: 'Question',
    content: '<p>Tea or coffee?</p>',
    oneOf: ['Tea', 'Coffee', 'Water'].map((name) => ({
      type: 'Note',
      name,
      replies: { type: 'Collection', totalItems: 0 },
    })),
    endTime: inHours(24),
    votersCount: 0,
  })
  await author.post(host, {
    inReplyTo: said,
    content: '<p>An answer to somebody else.</p>',
  })
}

/** What other kinds of servers write. */
export async function otherKinds({ author, host }: Cast): Promise<void> {
  await author.post(host, {
    type: 'Article',
    name: 'On bridges',
    summary: 'What holds them up.',
    content: '<h2>Piers</h2><p>They stand in the water.</p><p>And <em>carry</em> it all.</p>',
    url: 'https://blog.example.org/on-bridges',
  })
  await author.post(host, {
    type: 'Event',
    name: 'A walk across the bridge',
    content: '<p>Bring a coat.</p>',
    startTime: inHours(48),
    endTime: inHours(50),
    timezone: 'Europe/Berlin',
    location: { type: 'Place', name: 'The old bridge', address: { addressLocality: 'Regensburg' } },
    url: 'https://events.example.org/walk',
  })
  await author.post(host, {
    type: 'Video',
    name: 'How a bridge is built',
    content: '<p>In ten minutes.</p>',
    duration: 'PT10M12S',
    url: [{ type: 'Link', mediaType: 'text/html', href: 'https://video.example.org/w/1' }],
  })
}

/** Private words, and an answer. */
export async function privateWords({ author, aliceId }: Cast): Promise<void> {
  const tag = [{ type: 'Mention', href: aliceId, name: '@alice' }]
  const content = `<p><a href="${aliceId}" class="u-url mention">@alice</a> this is for you alone.</p>`
  await author.post('carol', { content, tag, to: [aliceId], cc: [] })
}

/** What others do with a post of hers. */
export async function applause({ author, host }: Cast, objectId: string): Promise<void> {
  const cc = [`${author.id('carol')}/followers`]
  await author.send('carol', { type: 'Like', object: objectId })
  await author.send(host, { type: 'Announce', object: objectId, to: [asPublic], cc })
  await author.post('carol', {
    content: '<p>Well said.</p>',
    inReplyTo: objectId,
  })
}
