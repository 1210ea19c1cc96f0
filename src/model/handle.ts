/** `@user@host`, host lower case and with a port where it has one. */
export type Handle = { readonly username: string; readonly host: string }

export const formatHandle = (h: Handle): string => `@${h.username}@${h.host}`
