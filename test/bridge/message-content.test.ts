import { describe, expect, test } from '@jest/globals'
import { fileContent } from '../../src/bridge/message-content.ts'
import type { MessageText } from '../../src/model/action.ts'
import { asMxc, asUserId } from '../../src/model/ids.ts'
import type { Attachment } from '../../src/model/note.ts'
import type { UploadedFile } from '../../src/model/upload.ts'

const url = 'https://social.test/files/cat'
const mxc = asMxc('mxc://us.test/cat')
const textOf = (body: string, more: Partial<MessageText> = {}): MessageText => ({
  msgtype: 'm.text',
  body,
  mentions: [],
  ...more,
})
const fallback = textOf('a link')

function contentOf(
  attachment: Partial<Attachment>,
  file: Partial<UploadedFile>,
  {
    text = textOf(''),
    ...more
  }: { text?: MessageText; spoiler?: string; thumbnail?: UploadedFile } = {},
) {
  const media = { attachment: { type: 'Document', url, ...attachment }, fallback, ...more }
  const files = { file: { mxc, mediaType: 'image/png', size: 9, ...file } }
  const { thumbnail } = more
  return fileContent(text, media, thumbnail === undefined ? files : { ...files, thumbnail })
}

describe('a file is shown by what it is', () => {
  const rows: readonly [Partial<Attachment>, string, [string, string] | undefined][] = [
    [{ mediaType: 'image/jpeg' }, 'image/png', ['m.image', 'image/png']],
    [{ mediaType: 'image/png' }, 'video/mp4', ['m.video', 'video/mp4']],
    [{ mediaType: 'video/mp4' }, 'video/quicktime', ['m.video', 'video/quicktime']],
    [{ mediaType: 'audio/mpeg' }, 'audio/mpeg', ['m.audio', 'audio/mpeg']],
    [{ mediaType: 'audio/mp4' }, 'video/mp4', ['m.audio', 'audio/mp4']],
    [{ type: 'Audio' }, 'application/ogg', ['m.audio', 'audio/ogg']],
    [{ mediaType: 'application/pdf' }, 'application/pdf', ['m.file', 'application/pdf']],
    [{}, 'text/plain', ['m.file', 'text/plain']],
    [{}, 'application/octet-stream', ['m.file', 'application/octet-stream']],
    [{ mediaType: 'image/tiff' }, 'image/tiff', ['m.file', 'image/tiff']],
    [{ mediaType: 'video/x-msvideo' }, 'video/vnd.avi', ['m.file', 'video/vnd.avi']],
    [{ mediaType: 'image/png' }, 'text/html', undefined],
    [{}, 'text/html', undefined],
    [{ mediaType: 'image/svg+xml' }, 'image/svg+xml', undefined],
    [{ mediaType: 'image/png' }, 'text/plain', undefined],
    [{ mediaType: 'video/mp4' }, 'application/zip', undefined],
    [{ type: 'Image' }, 'application/octet-stream', undefined],
  ]
  test.each(rows)('%j that is %s', (attachment, mediaType, expected) => {
    const content = contentOf(attachment, { mediaType })
    const info = content?.['info'] as { mimetype?: string } | undefined
    expect(content && [content['msgtype'], info?.mimetype]).toEqual(expected)
  })
})

describe('a message with a file', () => {
  test('has its text as caption, formatted, with who is meant and where it is from', () => {
    const text = textOf('Look, *cat*', {
      html: '<p>Look, <em>cat</em></p>',
      mentions: [asUserId('@alice:us.test')],
      url: 'https://social.test/@bob/1',
      language: 'de',
    })
    const file = { width: 3, height: 2, size: 77 }
    expect(contentOf({ blurhash: 'LEHV6nWB2yk8', name: 'A cat' }, file, { text })).toEqual({
      msgtype: 'm.image',
      body: 'Look, *cat*',
      format: 'org.matrix.custom.html',
      formatted_body: '<p>Look, <em>cat</em></p>',
      filename: 'cat.png',
      url: mxc,
      info: { mimetype: 'image/png', size: 77, w: 3, h: 2, 'xyz.amorgan.blurhash': 'LEHV6nWB2yk8' },
      'm.mentions': { user_ids: ['@alice:us.test'] },
      external_url: 'https://social.test/@bob/1',
      'org.footbridge.language': 'de',
    })
  })

  test('without text has the name of the file as its body', () => {
    const content = contentOf({}, {})
    expect(content).toMatchObject({ body: 'cat.png', filename: 'cat.png' })
    expect(content).not.toHaveProperty('formatted_body')
  })

  test('has a thumbnail that is on the homeserver too', () => {
    const thumbnail = {
      mxc: asMxc('mxc://us.test/t'),
      mediaType: 'image/jpeg',
      size: 5,
      width: 4,
      height: 3,
    }
    const video = {
      mediaType: 'video/mp4',
      width: 640,
      height: 360,
      duration: 4_200,
      isSilent: false,
    }
    expect(contentOf({}, video, { thumbnail })?.['info']).toEqual({
      mimetype: 'video/mp4',
      size: 9,
      w: 640,
      h: 360,
      duration: 4_200,
      thumbnail_url: 'mxc://us.test/t',
      thumbnail_info: { mimetype: 'image/jpeg', size: 5, w: 4, h: 3 },
    })
  })

  test.each([
    ['food', { spoiler: 'food' }, { reason: 'food' }],
    ['no reason', { spoiler: '' }, {}],
  ])('is veiled, with %s', (_, more, { reason }: { reason?: string }) => {
    const key = 'page.codeberg.everypizza.msc4193.spoiler'
    const content = contentOf({}, {}, more)
    expect([content?.[key], content?.[`${key}.reason`]]).toEqual([true, reason])
  })

  test('that is not sensitive is not veiled', () => {
    expect(JSON.stringify(contentOf({}, {}))).not.toContain('spoiler')
  })
})

describe('its measures', () => {
  const jpeg = { mediaType: 'image/jpeg', width: 640, height: 480 }
  const video = { mediaType: 'video/mp4' }
  test.each<[string, Partial<Attachment>, Partial<UploadedFile>, Record<string, unknown>]>([
    ['are its own', { width: 9, height: 9 }, jpeg, { w: 640, h: 480 }],
    ['are turned as its server turned it', { width: 480, height: 640 }, jpeg, { w: 480, h: 640 }],
    [
      'are as we saw it, where we looked',
      { width: 480, height: 640 },
      { ...jpeg, blurhash: 'LEHV6nWB2yk8' },
      { w: 640, h: 480, 'xyz.amorgan.blurhash': 'LEHV6nWB2yk8' },
    ],
    [
      'are those stated where it has none',
      { width: 9, height: 8, duration: 7 },
      video,
      { w: 9, h: 8, duration: 7 },
    ],
    ['need both sides', { width: 9 }, video, {}],
  ])('%s', (...[, attachment, file, expected]) => {
    const info = contentOf(attachment, file)?.['info']
    expect(info).toEqual({ mimetype: file.mediaType, size: 9, ...expected })
  })
})

describe('what took the place of animated GIFs', () => {
  const silent = { mediaType: 'video/mp4', isSilent: true, duration: 4_000 }
  test.each<[string, Partial<Attachment>, Partial<UploadedFile>, boolean]>([
    ['is a short film without sound', {}, silent, true],
    ['is no film with sound', {}, { ...silent, isSilent: false }, false],
    ['is no long film without sound', {}, { ...silent, duration: 61_000 }, false],
    ['is no film of which nothing is known', {}, { mediaType: 'video/mp4' }, false],
    ['is a film that is sent as a picture', { type: 'Image' }, { mediaType: 'video/mp4' }, true],
    [
      'is a film that is called a GIF',
      { mediaType: 'image/gif' },
      { mediaType: 'video/webm' },
      true,
    ],
    ['is no GIF, which loops anyway', { type: 'Image' }, { mediaType: 'image/gif' }, false],
  ])('%s', (...[, attachment, file, expected]) => {
    const info = contentOf(attachment, file)?.['info'] as Record<string, unknown>
    const flags = ['gif', 'loop', 'autoplay', 'hide_controls', 'no_audio'].map(
      (f) => info[`fi.mau.${f}`],
    )
    expect(flags).toEqual(flags.map(() => (expected ? true : undefined)))
  })
})
