//go:build long

package zabbixtest

import (
	"testing"
	"time"
)

// TestStart: a value that is sent makes a problem.
func TestStart(t *testing.T) {
	began := time.Now()
	s := Start(t)
	t.Logf("Zabbix %s started within %s", s.Version, time.Since(began).Round(time.Second))
	w := s.Watch(t, "srv-db-01", "disk.var", "Disk /var is full", 5)
	s.Settle(t, &w)
	s.Send(t, w.Host, w.Key, "97")
	if s.Problem(t, w.TriggerID) == "" || s.Token(t, "1") == "" {
		t.Error("there is no problem, or no token")
	}
}
