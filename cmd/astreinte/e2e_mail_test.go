package main_test

import (
	"fmt"
	"net/smtp"
	"regexp"
	"strings"
	"testing"
)

// mailConfig is the site's, with a tool that sends mails.
var mailConfig = strings.Replace(siteConfig, "\nsources:", `
mail_in: {listen: "127.0.0.1:0", from_relays: [127.0.0.1], to: {tool@pager.test: {source: tool}}}
sources:
  tool: {type: mail, customer: acme, labels: {site: Givrand}}`, 1)

var mailsAt = regexp.MustCompile(`"address":"([0-9.:]+)","for":"mail"`)

// mailDoor is the address at which the daemon takes mails.
func (s *site) mailDoor(t *testing.T) (address string) {
	t.Helper()
	await(t, "the address of mails", func() error {
		found := mailsAt.FindStringSubmatch(s.daemon.said(t))
		if found == nil {
			return fmt.Errorf("the log does not tell it")
		}
		address = found[1]
		return nil
	})
	return address
}

// TestAMailThatWasTakenPages: also if the daemon is killed as soon as it has
// said 250.
func TestAMailThatWasTakenPages(t *testing.T) {
	s := newSiteWith(t, build(t), "bolt:site.db", mailConfig)
	for i := range 3 {
		subject := fmt.Sprintf("CRITICAL: srv-mail-%d", i)
		text := "From: monitor@tools.test\r\nTo: tool@pager.test\r\nSubject: " + subject + "\r\n\r\ntext\r\n"
		if err := smtp.SendMail(s.mailDoor(t), nil, "monitor@tools.test", []string{"tool@pager.test"}, []byte(text)); err != nil {
			t.Fatal(err)
		}
		s.daemon.kill()
		s.start(t)
		s.alice.ExpectSMS(t, fmt.Sprintf("srv-mail-%d", i))
	}
}
