/** The least that brings messages into rooms: PUT with the as_token, one lane per room. */
import { Pool } from 'undici'
import { answer, ready, settingsOf } from '../child.ts'

type Lane = { readonly room: string; readonly ghost: string }
type Run = { readonly lanes: readonly Lane[]; readonly each: number; readonly name: string }

const { origin, token, content } = settingsOf<{
  readonly origin: string
  readonly token: string
  readonly content: unknown
}>()
const pool = new Pool(origin, { connections: 64, pipelining: 1 })
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
const body = JSON.stringify(content)

async function send(path: string): Promise<void> {
  const response = await pool.request({ method: 'PUT', path, headers, body })
  const text = await response.body.text()
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text}`)
}

answer<Run>('run', async ({ lanes, each, name }) => {
  const work = async ({ room, ghost }: Lane): Promise<void> => {
    for (let number = 0; number < each; number++) {
      const to = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message`
      await send(`${to}/${name}-${number}?user_id=${encodeURIComponent(ghost)}`)
    }
  }
  await Promise.all(lanes.map(work))
})
ready()
