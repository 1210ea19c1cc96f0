import { RejectedError, TransientError } from '../model/errors.ts'
import type { Http, HttpRequest, HttpResponse } from '../model/http.ts'

/** Nothing was answered: why, and the system's or our own word for it. */
export type Silence = { readonly silent: string; readonly code: string }

/** For one question, milliseconds. */
const timeout = 10_000
const longestAnswer = 200_000
const mostHops = 4

export type Question = Pick<HttpRequest, 'url'> &
  Partial<Pick<HttpRequest, 'method' | 'headers' | 'body'>>

/** The code of the innermost error that has one. */
function codeOf(error: unknown): string {
  let code = ''
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 6; depth++) {
    if ('code' in at && typeof at.code === 'string') code = at.code
    at = 'cause' in at ? at.cause : undefined
  }
  return code
}

/** Asks once. Silence is an answer too. */
export async function ask(http: Http, question: Question): Promise<HttpResponse | Silence> {
  const { url, method = 'GET', headers = {}, body } = question
  const base = { method, url, headers, timeout, maxBytes: longestAnswer }
  try {
    return await http(body === undefined ? base : { ...base, body })
  } catch (error) {
    if (!(error instanceof TransientError) && !(error instanceof RejectedError)) throw error
    return { silent: shorten(error.message), code: codeOf(error) }
  }
}

/** Where an answer sends whoever asks. */
export const placeOf = ({ headers }: HttpResponse, from: string): URL | null => {
  const location = headers['location']
  return location === undefined ? null : URL.parse(location, from)
}

/** Asks, and along some redirects; `url` is where the answer was found. */
export async function askFollowing(
  http: Http,
  question: Question,
): Promise<(HttpResponse & { readonly url: string }) | Silence> {
  let { url } = question
  for (let hop = 0; hop < mostHops; hop++) {
    const answer = await ask(http, { ...question, url })
    if ('silent' in answer) return answer
    const next = placeOf(answer, url)
    if (answer.status < 300 || answer.status >= 400 || next === null) return { ...answer, url }
    url = next.href
  }
  return { silent: `it redirects more than ${mostHops} times`, code: 'REDIRECTS' }
}

export type Json = Readonly<Record<string, unknown>>

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The answer as an object of JSON; undefined: it is none. */
export function jsonOf({ body }: Pick<HttpResponse, 'body'>): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const textAt = (value: Json | undefined, key: string): string | undefined => {
  const found = value?.[key]
  return typeof found === 'string' ? found : undefined
}

/** An object within it. */
export const objectAt = (value: Json | undefined, key: string): Json | undefined => {
  const found = value?.[key]
  return isJson(found) ? found : undefined
}

/** The links of an index of NodeInfo, or of an answer of WebFinger. */
export function linksOf(document: Json | undefined): readonly Json[] {
  const links = document?.['links']
  return Array.isArray(links) ? links.filter(isJson) : []
}

/** On one line, and short: it may be anybody's words. */
export const shorten = (text: string): string => {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

/** What an answer that was not expected looks like. */
export function looksOf({ status, headers }: HttpResponse): string {
  const server = headers['server']
  return server === undefined
    ? `it answers ${status}`
    : `it answers ${status}, as ${shorten(server)}`
}
