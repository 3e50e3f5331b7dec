package redisstore

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// fillPage fills in what became of a page. A field that cannot be read is left
// as it is, and the error names it.
func fillPage(page *ticket.Page, source string, fields map[string]string) error {
	var errs []error
	page.Source, page.Ticket = source, cmp.Or(fields["ticket"], page.Ticket)
	page.State = ticket.PageState(cmp.Or(fields["state"], string(page.State)))
	page.ProviderID, page.Address, page.Error = fields["provider"], fields["address"], fields["error"]
	page.Provider = fields["by"]
	page.Unclear = fields["unclear"] != ""
	if carries := fields["carries"]; carries != "" {
		refs, err := decode[[]ticket.PageRef](carries)
		if err == nil {
			page.Carries = refs
		}
		errs = append(errs, err)
	}
	page.Attempts = 0
	if attempts := fields["attempts"]; attempts != "" {
		var err error
		page.Attempts, err = strconv.Atoi(attempts)
		errs = append(errs, err)
	}
	for name, at := range map[string]*time.Time{"retry": &page.RetryAt, "sent": &page.SentAt, "receipt": &page.ReceiptAt} {
		t, err := unstamp(fields[name])
		*at = t
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
