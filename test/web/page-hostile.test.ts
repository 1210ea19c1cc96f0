import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Parser } from 'htmlparser2'
import { asActorId } from '../../src/model/ids.ts'
import { emptyProfile } from '../../src/model/actor.ts'
import { remoteOf, remotePost, startPages, type PagesStage } from '../support/pages.ts'

/** What people who wish others no good put wherever they may write. */
const attacks = [
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  `' onmouseover='alert(1)`,
  '" autofocus onfocus="alert(1)',
  '</title><script>alert(1)</script>',
  '</textarea></style></noscript><img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '${alert(1)} {{alert(1)}} <%= alert(1) %>',
  '<!--><img src=x onerror=alert(1)>-->',
  ']]><script>alert(1)</script><![CDATA[',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\0<scr\0ipt>alert(1)</scr\0ipt>',
  '<a href="javascript:alert(1)">x</a><a href="jav&#x09;ascript:alert(1)">y</a>',
  '<form action="https://evil.example"><input name=password></form>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example">',
  '<link rel="stylesheet" href="https://evil.example/x.css"><style>*{display:none}</style>',
]

/** As a browser reads it. */
function faultsIn(text: string): readonly string[] {
  const faults: string[] = []
  let styles = 0
  const parser = new Parser({
    onopentag(name, attributes) {
      if (/^(script|iframe|object|embed|base|svg|style|frame|applet|math)$/.test(name))
        faults.push(`<${name}>`)
      if (name === 'link' && attributes['rel'] === 'stylesheet') styles += 1
      for (const [key, value] of Object.entries(attributes)) {
        if (/^on|^style$|^srcdoc$|^http-equiv$/.test(key)) faults.push(`${name} ${key}`)
        const isAddress = ['href', 'src', 'action', 'poster'].includes(key)
        if (isAddress && !/^(https?:|\/(?!\/)|#|mailto:)/.test(value))
          faults.push(`${name} ${key}=${value}`)
        if (key === 'action' && !value.startsWith('/')) faults.push(`form to ${value}`)
        const isPicture = key === 'src' || key === 'poster'
        if (isPicture && URL.parse(value, 'http://127.0.0.1')?.hostname !== '127.0.0.1')
          faults.push(`${name} from ${value}`)
      }
    },
  })
  parser.end(text)
  return styles > 1 ? [...faults, `${styles} styles`] : faults
}

test('the reader of pages sees what is wrong with one', () => {
  const bad =
    '<p onclick="x"><script>1</script><a href="javascript:x">y</a><form action="https://e">'
  expect(faultsIn(bad)).toHaveLength(4)
})

let stage: PagesStage
beforeAll(async () => {
  stage = await startPages()
})
afterAll(() => stage.close())

describe.each(attacks)('%s', (attack) => {
  test('is words wherever it stands', async () => {
    const text = (source: string) => ({ source, html: source })
    const emojis = [
      { shortcode: attack.replace(/[\s:]/g, ''), url: `${stage.publicUrl}/${attack}` },
    ]
    const actor = await stage.person('eve', {
      displayName: `${attack} :${emojis[0]?.shortcode ?? ''}:`,
      profile: {
        ...emptyProfile,
        ...{ bio: text(attack), emojis, movedTo: asActorId(`https://x.example/${attack}`) },
        fields: [{ name: attack, value: text(attack) }],
      },
    })
    const url = `https://elsewhere.example/${attack}`
    const inReplyTo = stage.objectId('parent')
    await stage.post('eve', 'parent', { content: attack, summary: attack })
    await stage.post('eve', 'post', {
      ...{ content: attack, language: attack, emojis },
      hashtags: [{ name: attack, href: attack }],
      attachments: (['Image', 'Video', 'Audio', 'Document'] as const).map((type) => ({
        ...{ type, url: `${stage.publicUrl}/media/${attack}`, name: attack, mediaType: attack },
        icon: { url: `${stage.publicUrl}/media/${attack}` },
      })),
      poll: { options: [{ name: attack, votes: 1 }], isMultiple: false, isClosed: false },
      place: { latitude: 1, longitude: 2, name: attack },
    })
    await stage.post('eve', 'program', {
      attachments: [{ type: 'Document', url: 'javascript:alert(1)' }],
      inReplyTo,
    })
    const mallory = remoteOf(attack, 'elsewhere.example', { name: attack })
    await stage.commit(
      { change: 'put-remote-actor', actor: mallory },
      { change: 'put-object', object: remotePost('r1', mallory, { inReplyTo, url }) },
      {
        change: 'put-object',
        object: remotePost('r2', mallory, { inReplyTo, url: 'javascript:alert(1)' }),
      },
    )
    const paths = [
      '/@eve',
      '/@eve?replies=1',
      '/objects/post',
      '/objects/parent',
      '/objects/program',
    ]
    for (const path of [...paths, `/tags/${encodeURIComponent(attack.replaceAll('\0', ''))}`])
      expect([path, faultsIn(await (await fetch(stage.publicUrl + path)).text())]).toEqual([
        path,
        [],
      ])
    const body = new URLSearchParams({ account: attack })
    for (const form of ['/@eve/follow', '/objects/post/answer']) {
      const answer = await fetch(stage.publicUrl + form, { method: 'POST', body })
      expect([answer.status, faultsIn(await answer.text())]).toEqual([400, []])
    }
    await stage.person('eve', { ...actor }, 'off')
    for (const path of ['/@eve', '/objects/post'])
      expect(faultsIn(await (await fetch(stage.publicUrl + path)).text())).toEqual([])
  })
})
