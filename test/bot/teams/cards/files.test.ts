import { describe, expect, it } from 'vitest'
import { fileConsentCard, fileInfoCard } from '../../../../src/bot/teams/cards/files.ts'

describe('cards for files', () => {
  it('ask for consent with what comes back either way', () => {
    const about = { deck: 'k1', format: 'pptx' }

    expect(
      fileConsentCard({ name: 'Sales.pptx', description: 'The deck for PowerPoint', size: 12_345, about }),
    ).toEqual({
      contentType: 'application/vnd.microsoft.teams.card.file.consent',
      name: 'Sales.pptx',
      content: {
        description: 'The deck for PowerPoint',
        sizeInBytes: 12_345,
        acceptContext: about,
        declineContext: about,
      },
    })
  })

  it('show a file where Teams has put it', () => {
    const uploaded = { name: 'Sales.pptx', contentUrl: 'https://sp.test/Sales.pptx', uniqueId: 'u1', fileType: 'pptx' }

    expect(fileInfoCard(uploaded)).toEqual({
      contentType: 'application/vnd.microsoft.teams.card.file.info',
      name: 'Sales.pptx',
      contentUrl: 'https://sp.test/Sales.pptx',
      content: { uniqueId: 'u1', fileType: 'pptx' },
    })
  })
})
