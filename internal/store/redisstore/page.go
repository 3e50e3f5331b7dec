package redisstore

import (
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// pageOf puts a page together: as it was ordered, with what became of it.
func pageOf(source string, fields map[string]string) (ticket.Page, error) {
	page, err := decode[ticket.Page](fields["json"])
	if err != nil {
		return page, err
	}
	page.Source, page.Ticket = source, fields["ticket"]
	page.State = ticket.PageState(fields["state"])
	page.ProviderID, page.Address, page.Error = fields["provider"], fields["address"], fields["error"]
	page.Provider = fields["by"]
	page.Unclear = fields["unclear"] != ""
	if carries := fields["carries"]; carries != "" {
		if page.Carries, err = decode[[]ticket.PageRef](carries); err != nil {
			return page, err
		}
	}
	page.Attempts = 0
	if attempts := fields["attempts"]; attempts != "" {
		if page.Attempts, err = strconv.Atoi(attempts); err != nil {
			return page, err
		}
	}
	for name, at := range map[string]*time.Time{"retry": &page.RetryAt, "sent": &page.SentAt, "receipt": &page.ReceiptAt} {
		if *at, err = unstamp(fields[name]); err != nil {
			return page, err
		}
	}
	return page, nil
}

// pagesOf puts pages together in order; those that are gone are left out.
func pagesOf(source string, hashes []map[string]string) ([]ticket.Page, error) {
	pages := make([]ticket.Page, 0, len(hashes))
	for _, fields := range hashes {
		if len(fields) == 0 {
			continue
		}
		page, err := pageOf(source, fields)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}
