import { unzipSync } from 'fflate'
import { expect, test } from '@jest/globals'
import { dieAtEveryStep } from './support/every-step.ts'

test('whenever the bridge dies, every part of an export comes once', async () => {
  const steps = await dieAtEveryStep({
    async given(flow) {
      const alice = flow.user('alice')
      const profile = await flow.publish(alice)
      flow.homeserver.setUploadLimit(150_000)
      for (const name of ['a', 'b']) {
        const url = `mxc://hs.test/${name}`
        flow.homeserver.addMedia(url, Buffer.alloc(45_000, name))
        const info = { mimetype: 'image/png', size: 45_000 }
        alice.send(profile, { msgtype: 'm.image', body: name, filename: `${name}.png`, url, info })
        await flow.quiet()
      }
      return { alice, chat: await flow.chat(alice) }
    },
    when({ alice, chat }) {
      alice.say(chat, 'export')
    },
    then({ chat }, flow) {
      const files = flow
        .messages(chat)
        .filter(({ content }) => content['msgtype'] === 'm.file')
        .map(({ content }) => flow.homeserver.media(String(content['url']))?.bytes)
      const names = files.flatMap((bytes) => Object.keys(unzipSync(bytes ?? Buffer.alloc(0))))
      expect(files).toHaveLength(2)
      expect(names.filter((name) => name.startsWith('media_attachments/'))).toHaveLength(2)
    },
  })
  expect(steps).toBeGreaterThan(5)
})
