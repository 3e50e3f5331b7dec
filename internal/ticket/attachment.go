package ticket

import "time"

// Attachment is what is known of a file that somebody attached to a ticket. The
// file itself is in a folder (package attachment).
type Attachment struct {
	ID     string    `json:"id"`
	Name   string    `json:"name" holds:"free"` // as it is shown
	Type   string    `json:"type"`              // sniffed
	Size   int64     `json:"size"`              // bytes
	SHA256 string    `json:"sha256"`
	By     string    `json:"by" holds:"personal"` // a person's key, a token's name
	At     time.Time `json:"at"`
	Public bool      `json:"public"` // the customer may see it
}

// AttachmentsSize is how many bytes the attached files have together.
func (s *Sheet) AttachmentsSize() (sum int64) {
	if s == nil {
		return 0
	}
	for i := range s.Attachments {
		sum += s.Attachments[i].Size
	}
	return sum
}

// Attachment finds an attached file; nil if there is none of that ID.
func (s *Sheet) Attachment(id string) *Attachment {
	if s == nil {
		return nil
	}
	return find(s.Attachments, func(a *Attachment) bool { return a.ID == id })
}

// File is a file in a line of a timeline: what stays of it when it is gone.
type File struct {
	ID     string `json:"id"`
	Name   string `json:"name" holds:"free"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// find is the place of what is looked for; nil if there is none.
func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}
