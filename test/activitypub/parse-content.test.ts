import { describe, expect, test } from '@jest/globals'
import {
  attachmentsOf,
  durationOf,
  emojisOf,
  languageOf,
  occasionOf,
  placeOf,
  pollOf,
  quotingOf,
} from '../../src/activitypub/parse-content.ts'

test.each([
  ['PT1M1.5S', 61_500],
  ['P1DT2H', 93_600_000],
  ['PT0S', undefined],
  ['P1Y', undefined],
  [12, 12_000],
  [-1, undefined],
  [{}, undefined],
])('a duration %j is %j ms', (value, expected) => {
  expect(durationOf(value)).toBe(expected)
})

describe('an attachment', () => {
  test('keeps its measures where they are possible', () => {
    const attachment = {
      type: 'Document',
      mediaType: 'video/mp4',
      url: 'https://r.example/v.mp4',
      width: 640,
      height: -1,
      duration: 'PT2S',
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      icon: { type: 'Image', url: 'https://r.example/v.jpg' },
      summary: 'A cat',
    }
    expect(attachmentsOf({ attachment })).toEqual([
      {
        type: 'Document',
        mediaType: 'video/mp4',
        url: 'https://r.example/v.mp4',
        name: 'A cat',
        width: 640,
        duration: 2000,
        blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
        thumbnail: 'https://r.example/v.jpg',
      },
    ])
  })
  test('has no blurhash that is none', () => {
    const attachment = { type: 'Image', url: 'https://r.example/i', blurhash: '<script>' }
    expect(attachmentsOf({ attachment })).toEqual([{ type: 'Image', url: 'https://r.example/i' }])
  })

  const still = 'https://r.example/still.jpg'
  test.each<[string, Record<string, unknown>, string | undefined]>([
    ['an icon', { icon: { type: 'Image', url: still } }, still],
    ['an icon by its address', { icon: still }, still],
    ['an icon with a link', { icon: { url: { type: 'Link', href: still } } }, still],
    ['several icons', { icon: [{ url: 'javascript:1' }, { url: still }] }, still],
    ['a preview', { preview: { type: 'Image', mediaType: 'image/jpeg', url: still } }, still],
    ['a preview that is a link', { preview: { type: 'Link', href: still } }, still],
    [
      'a preview that is a film, and an image',
      { preview: { mediaType: 'video/mp4', url: 'https://r.example/v' }, image: { url: still } },
      still,
    ],
    ['a bare address', { thumbnailUrl: still }, still],
    ['nothing', { icon: { type: 'Image' }, preview: 5, image: [], thumbnailUrl: {} }, undefined],
  ])('shows a still picture of itself by %s', (_, more, expected) => {
    const attachment = { type: 'Document', mediaType: 'video/mp4', url: 'https://r.example/v.mp4' }
    const [read] = attachmentsOf({ attachment: { ...attachment, ...more } })
    expect(read?.thumbnail).toBe(expected)
  })

  const small = { type: 'Image', url: 'https://r.example/small.jpg', width: 223 }
  const large = { type: 'Image', url: 'https://r.example/large.jpg', width: 850, height: 480 }
  const huge = { type: 'Image', url: 'https://r.example/huge.jpg', width: 8_000 }
  const listed = { type: 'Document', mediaType: 'image/png', url: 'https://r.example/own.png' }
  const film = { type: 'Document', mediaType: 'video/mp4', url: 'https://r.example/own.mp4' }
  const link = { type: 'Link', href: 'https://r.example/page' }
  test.each<[string, Record<string, unknown>, unknown[]]>([
    ['a film by its largest icon', { type: 'Video', icon: [small, large, huge] }, [large]],
    [
      'a link by its image, first',
      { type: 'Page', image: small, attachment: [link] },
      [small, { type: 'Link', url: link.href }],
    ],
    [
      'a recording by a bare address',
      { type: 'Audio', image: small.url },
      [{ type: 'Image', url: small.url }],
    ],
    [
      'an article with a picture of its own',
      { type: 'Article', image: small, attachment: [listed] },
      [listed],
    ],
    [
      'a film that is listed, by its still picture',
      { type: 'Video', icon: small, attachment: [film] },
      [{ ...film, thumbnail: small.url }],
    ],
    [
      'a film with a still picture of its own by that',
      { type: 'Video', icon: small, attachment: [{ ...film, icon: large.url }] },
      [{ ...film, thumbnail: large.url }],
    ],
    ['no note', { type: 'Note', icon: small }, []],
    [
      'nothing without a web address',
      { type: 'Video', icon: { type: 'Image', url: 'data:image/png,x' } },
      [],
    ],
  ])('a picture of itself shows %s', (_, document, expected) => {
    expect(attachmentsOf(document)).toEqual(expected)
  })
})

test('emoji are known by the name between their colons, once', () => {
  const icon = { type: 'Image', url: 'https://r.example/blob.png' }
  const tag = [
    { type: 'Emoji', id: null, name: ':blob:', icon },
    { type: 'Emoji', name: ':blob@r.example:', icon },
    { type: 'Emoji', name: ':no spaces:', icon },
    { type: 'Emoji', name: ':bare:', icon: { type: 'Image', url: 'javascript:1' } },
    { type: 'Mention', name: ':blob:', icon },
  ]
  expect(emojisOf({ tag })).toEqual([{ shortcode: 'blob', url: 'https://r.example/blob.png' }])
})

test.each([
  [{ content: 'b', contentMap: { en: 'a', de: 'b' } }, 'de'],
  [{ content: 'x', contentMap: { en: 'a', de: 'b' } }, 'en'],
  [{ content: 'x', contentMap: { und: 'x' } }, undefined],
  [{ content: 'x', contentMap: { '<b>': 'x' } }, undefined],
  [{ content: 'x' }, undefined],
])('the language of %j is %s', (document, expected) => {
  expect(languageOf(document)).toBe(expected)
})

const quoted = 'https://r.example/notes/1'
test.each([
  [{ quote: quoted }],
  [{ quote: { id: quoted, type: 'Note' } }],
  [{ quoteUrl: quoted }],
  [{ quoteUri: quoted }],
  [{ _misskey_quote: quoted }],
  [{ tag: { type: 'Link', rel: 'https://misskey-hub.net/ns#_misskey_quote', href: quoted } }],
  [
    {
      tag: [
        {
          type: 'Link',
          mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
          href: quoted,
        },
      ],
    },
  ],
])('a quote is read from %j', (document) => {
  expect(quotingOf(document).quote).toBe(quoted)
})
test('a link is no quote', () => {
  expect(quotingOf({ tag: { type: 'Link', href: quoted, mediaType: 'text/html' } })).toEqual({})
})

test.each([
  [{ quote: quoted }, { quote: quoted, isQuoteByConsent: true }],
  [
    { quote: quoted, quoteUrl: 'https://r.example/other', quoteAuthorization: `${quoted}/stamp` },
    { quote: quoted, isQuoteByConsent: true, quoteAuthorization: `${quoted}/stamp` },
  ],
  [{ quoteUrl: quoted, quoteAuthorization: `${quoted}/stamp` }, { quote: quoted }],
  [
    { interactionPolicy: { canQuote: { automaticApproval: 'as:Public' } } },
    { quotableBy: ['https://www.w3.org/ns/activitystreams#Public'] },
  ],
  [
    { interactionPolicy: { canQuote: { automaticApproval: ['https://r.example/a', 7] } } },
    { quotableBy: ['https://r.example/a'] },
  ],
  [{ interactionPolicy: { canQuote: { manualApproval: ['as:Public'] } } }, { quotableBy: [] }],
  [{ interactionPolicy: { canQuote: 'x' } }, {}],
])('whose consent counts is read from %j', (document, expected) => {
  expect(quotingOf(document)).toEqual(expected)
})

describe('a poll', () => {
  test('has options with votes, an end and voters', () => {
    const anyOf = [
      { type: 'Note', name: 'Tea', replies: { type: 'Collection', totalItems: 3 } },
      { type: 'Note', name: 'Coffee', replies: { totalItems: -1 } },
    ]
    const document = { anyOf, endTime: '2024-01-01T00:00:00Z', votersCount: 3 }
    expect(pollOf(document)).toEqual({
      options: [
        { name: 'Tea', votes: 3 },
        { name: 'Coffee', votes: 0 },
      ],
      isMultiple: true,
      isClosed: false,
      endTime: Date.UTC(2024, 0, 1),
      voters: 3,
    })
  })
  test.each([
    ['2024-01-01T00:00:00Z', Date.UTC(2024, 0, 1)],
    [true, undefined],
  ])('is closed by %j', (closed, endTime) => {
    expect(pollOf({ oneOf: [{ name: 'a' }], closed })).toEqual({
      options: [{ name: 'a', votes: 0 }],
      isMultiple: false,
      isClosed: true,
      ...(endTime === undefined ? {} : { endTime }),
    })
  })
  test('without options is none', () => {
    expect(pollOf({ oneOf: [] })).toBeUndefined()
  })
})

test('an event takes place at some time and place', () => {
  const document = {
    type: 'Event',
    startTime: '2024-05-01T18:00:00Z',
    endTime: '2024-05-01T20:00:00Z',
    timezone: 'Europe/Paris',
    location: {
      type: 'Place',
      name: 'Town hall',
      address: { type: 'PostalAddress', streetAddress: '1 Main St', addressLocality: 'Town' },
    },
  }
  expect(occasionOf(document)).toEqual({
    start: Date.UTC(2024, 4, 1, 18),
    end: Date.UTC(2024, 4, 1, 20),
    timezone: 'Europe/Paris',
    isCancelled: false,
  })
  expect(occasionOf({ ...document, 'ical:status': 'CANCELLED' })?.isCancelled).toBe(true)
  expect(occasionOf({ ...document, type: 'Note' })).toBeUndefined()
})

test.each([
  [
    'its name and address, without what is blank',
    {
      name: 'Town hall',
      address: { streetAddress: '1 Main St', postalCode: ' ', addressLocality: 'Town' },
    },
    'Town hall, 1 Main St, Town',
  ],
  ['an address in one line', { address: '1 Main St' }, '1 Main St'],
  ['the same words once', { name: 'Town', address: { addressLocality: 'Town' } }, 'Town'],
  ['where on the globe', { latitude: 51.5, longitude: -0.1, name: '' }, '51.50000, -0.10000'],
  ['nowhere on the globe', { latitude: 151.5, longitude: 0 }, undefined],
  ['a word', 'Town hall', 'Town hall'],
  ['an id, which says nothing', 'https://r.example/places/1', undefined],
  ['nothing', null, undefined],
])('a place is %s', (_, location, expected) => {
  expect(placeOf(location)).toBe(expected)
})
