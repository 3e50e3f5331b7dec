package paging

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

var errFields = errors.New("it has too many fields")

// ParseForm reads a form that a provider posted, whatever it calls it: each field takes many
// times its bytes, and what signs it is checked only after that.
func ParseForm(body string) (url.Values, error) {
	if strings.Count(body, "&") >= ticket.MaxFormFields {
		return nil, errFields
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, fmt.Errorf("paging: %w", err)
	}
	return form, nil
}
