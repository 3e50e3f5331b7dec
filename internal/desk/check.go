package desk

import (
	"context"
	"errors"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ErrBusy refuses to check again for whoever asks too often.
var ErrBusy = errors.New("too many checks within a minute")

// Checker has tickets checked again: their tools are asked, or we look ourselves.
type Checker interface {
	// Can says whether anything can be asked about a ticket.
	Can(v *ticket.View) bool
	// Ask has a ticket checked. When it returns nil, an answer will come, whatever
	// happens. The error is ErrBusy, or says that the store could not be asked.
	Ask(ctx context.Context, v *ticket.View, who *Asked) error
}

// Asked is who asks for a check, and where the answer goes. Without a Phone whoever asked
// looks for it there, where the question was put.
type Asked struct {
	Actor ticket.Actor `json:"actor"`
	Via   string       `json:"via"`
	Once  string       `json:"once,omitempty"`  // names the request, if the same may come again
	Phone string       `json:"phone,omitempty"` // a number that asked by a text
	Code  int          `json:"code,omitempty"`  // of the ticket on that phone
}
