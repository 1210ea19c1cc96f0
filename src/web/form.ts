import type { Request } from 'express'

/** One field of a form; undefined: absent, given twice, or longer than that. */
export function fieldOf({ body }: Request, name: string, most: number): string | undefined {
  const value: unknown =
    typeof body === 'object' && body !== null
      ? (body as Readonly<Record<string, unknown>>)[name]
      : undefined
  return typeof value === 'string' && value.length <= most ? value : undefined
}
