import { request } from 'undici'

export type Answer = { readonly status: number; readonly body: unknown; readonly text: string }

export type Call = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly token?: string
  readonly accept?: string
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly timeout?: number
}

/** A server that reads what is public without a signature (`activitypub.unsigned_fetch_from`). */
export const observer = 'observer.invalid'

/** One request; any status is an answer. `body` is the parsed JSON, or undefined where it is none. */
export async function call(options: Call): Promise<Answer> {
  const { method = 'GET', url, token, accept = 'application/json', json, form } = options
  const headers: Record<string, string> = { accept }
  if (accept.startsWith('application/activity')) headers['user-agent'] = `https://${observer}/`
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (json !== undefined) headers['content-type'] = 'application/json'
  if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded'
  const content = json === undefined ? form && new URLSearchParams(form).toString() : encode(json)
  const timeout = options.timeout ?? 30_000
  const response = await request(url, {
    method,
    headers,
    body: content ?? null,
    headersTimeout: timeout,
    bodyTimeout: timeout,
  })
  const text = await response.body.text()
  return { status: response.statusCode, body: decode(text), text }
}

/** Like `call`, but anything other than a 2xx is an error that quotes the answer. */
export async function demand<T>(options: Call): Promise<T> {
  const { status, body, text } = await call(options)
  if (status < 200 || status > 299) {
    throw new Error(`${options.method ?? 'GET'} ${options.url}: ${status} ${text.slice(0, 500)}`)
  }
  return body as T
}

const encode = (value: unknown): string => JSON.stringify(value)

function decode(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
