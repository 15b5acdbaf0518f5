/**
 * Files in personal chats: Teams asks the person first, then takes the bytes, then shows the file.
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
 */

/** A file that could be given to a person. `about` comes back with what they decide. */
export interface OfferedFile {
  readonly name: string
  readonly description: string
  /** Its size in bytes, as far as it is known. */
  readonly size: number
  readonly about: Readonly<Record<string, string | number>>
}

/** Where Teams has put the bytes, as it said itself. */
export interface UploadedFile {
  readonly name: string
  readonly contentUrl: string
  readonly uniqueId: string
  readonly fileType: string
}

/** Asks whether the person wants the file in their OneDrive. */
export function fileConsentCard({ name, description, size, about }: OfferedFile) {
  return {
    contentType: 'application/vnd.microsoft.teams.card.file.consent',
    name,
    content: { description, sizeInBytes: size, acceptContext: about, declineContext: about },
  } as const
}

/** Shows the file, once its bytes are there. */
export function fileInfoCard({ name, contentUrl, uniqueId, fileType }: UploadedFile) {
  return {
    contentType: 'application/vnd.microsoft.teams.card.file.info',
    name,
    contentUrl,
    content: { uniqueId, fileType },
  } as const
}
