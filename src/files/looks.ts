import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileFacts, Files, PassingFile } from '../model/file.ts'
import {
  largestPiece,
  largestSide,
  longest,
  mostAvifPixels,
  mostBytes,
  mostPixels,
  mostRecordingBytes,
  type Order,
  type Word,
} from './facts.ts'

/** What is decoded. */
const pictures = /^image\/(?:png|apng|jpeg|gif|webp|avif)$/
/** What is read for its length. */
const recordings =
  /^(?:audio\/(?:mpeg|mp4|x-m4a|aac|ogg|flac|wav|webm)|video\/(?:mp4|x-m4v|webm|ogg|quicktime|matroska|3gpp)|application\/ogg)$/

export type LookLimits = {
  /** Milliseconds for one file. */
  readonly patience: number
  /** How long the process waits for the next one, milliseconds. */
  readonly idle: number
}

const usual: LookLimits = { patience: 15_000, idle: 20_000 }

const isPicture = ({ size }: PassingFile, { mediaType, width, height }: FileFacts): boolean =>
  pictures.test(mediaType) &&
  size <= mostBytes &&
  width !== undefined &&
  height !== undefined &&
  width * height <= (mediaType === 'image/avif' ? mostAvifPixels : mostPixels)

/** Undefined: nothing more can be found out. */
function orderOf(file: PassingFile, facts: FileFacts): Order | undefined {
  const { mediaType, duration } = facts
  const order = { size: file.size, mediaType }
  if (isPicture(file, facts)) return { ...order, kind: 'picture' }
  const isUntold = recordings.test(mediaType) && duration === undefined
  return isUntold ? { ...order, kind: 'recording' } : undefined
}

/** The process; it holds up no end of this one. */
export function startReader(): ChildProcess {
  const self = fileURLToPath(import.meta.url)
  const child = fork(new URL(`reader${extname(self)}`, import.meta.url), [], {
    serialization: 'advanced',
    // It reads what strangers wrote: it gets nothing of ours, and what it says is nothing for our log.
    env: {},
    execArgv: ['--max-old-space-size=128'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.on('error', () => undefined)
  child.unref()
  child.channel?.unref()
  return child
}

const send = (child: ChildProcess, what: Order | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    child.send(what, (error) => (error === null ? resolve() : reject(error)))
  })

/** Whatever became of the process, it says nothing that we do not know how to read. */
function checked(facts: unknown): Omit<FileFacts, 'mediaType'> {
  const { width, height, duration, blurhash, isSilent } = (facts ?? {}) as Record<string, unknown>
  const isWhole = (value: unknown, most: number): value is number =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most
  const hasSides = isWhole(width, largestSide) && isWhole(height, largestSide)
  return {
    ...(hasSides ? { width, height } : {}),
    ...(isWhole(duration, longest) ? { duration } : {}),
    ...(typeof blurhash === 'string' && blurhash.length <= 200 ? { blurhash } : {}),
    ...(typeof isSilent === 'boolean' ? { isSilent } : {}),
  }
}

/** What the process may still have of a file. */
const allowanceOf = ({ kind, size }: Order): number =>
  kind === 'picture' ? size : mostRecordingBytes

/** Empty: no more is given. */
async function pieceOf(file: PassingFile, want: unknown, left: number): Promise<Uint8Array> {
  const [start, length] = Array.isArray(want) ? (want as readonly unknown[]) : []
  const isFair =
    Number.isSafeInteger(start) &&
    Number(start) >= 0 &&
    Number.isSafeInteger(length) &&
    Number(length) >= 1 &&
    Number(length) <= Math.min(largestPiece, left)
  return isFair ? file.read(Number(start), Number(length)) : Buffer.alloc(0)
}

/** Nothing is found when the process ends, or does not answer in time. */
function ask(
  child: ChildProcess,
  { file, order, patience }: { file: PassingFile; order: Order; patience: number },
): Promise<Omit<FileFacts, 'mediaType'>> {
  return new Promise((resolve) => {
    let left = allowanceOf(order)
    const finish = (facts?: unknown): void => {
      clearTimeout(timer)
      child.off('exit', onEnd).off('error', onEnd).off('message', onMessage)
      resolve(checked(facts))
    }
    const onEnd = (): void => finish()
    const give = async (want: unknown): Promise<void> => {
      const piece = await pieceOf(file, want, left)
      left -= piece.length
      await send(child, piece)
    }
    const end = (): void => {
      child.kill('SIGKILL')
      finish()
    }
    const onMessage = (message: unknown): void => {
      const word = message as Word
      if ('want' in word) give(word.want).catch(end)
      else finish(word.facts)
    }
    const timer = setTimeout(end, patience)
    child.on('exit', onEnd).on('error', onEnd).on('message', onMessage)
    send(child, order).catch(end)
  })
}

/**
 * Looks into files one after another, in a process that is started for the first one and ends when none
 * comes for a while: how pictures look, and how long films and recordings are that do not say so in
 * their first bytes. What cannot be read is no trouble: it only has no more facts.
 */
export function createLooks(
  limits: LookLimits = usual,
  start: () => ChildProcess = startReader,
): Files['look'] {
  let reader: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()

  const current = (): ChildProcess => {
    // One that was killed is connected until it is gone.
    if (reader?.connected !== true || reader.killed) reader = start()
    return reader
  }

  const look = async (file: PassingFile, order: Order): Promise<Omit<FileFacts, 'mediaType'>> => {
    clearTimeout(idle)
    const child = current()
    const found = await ask(child, { file, order, patience: limits.patience })
    idle = setTimeout(() => child.connected && child.disconnect(), limits.idle).unref()
    return found
  }

  return async (file, facts) => {
    const order = orderOf(file, facts)
    if (order === undefined) return facts
    const mine = last.then(() => look(file, order))
    last = mine.catch(() => undefined)
    const found = await mine
    // A picture is as large as it is shown; what a film told before, it told of how it is shown.
    return order.kind === 'picture' ? { ...facts, ...found } : { ...found, ...facts }
  }
}
