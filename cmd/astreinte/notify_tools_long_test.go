//go:build long

package main_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const toolToken = "tool-hush-hush"

// tool is a real monitoring tool that watches one service, "Disk /var" of
// srv-db-01: its check answers what the file state says.
type tool struct {
	dir, address string
	program      string
	source       string
	pipe         string // where it takes commands
}

func (w *tool) path(name string) string { return filepath.Join(w.dir, name) }

func (w *tool) says(t *testing.T, state int) {
	t.Helper()
	write(t, w.path("state.new"), strconv.Itoa(state))
	if err := os.Rename(w.path("state.new"), w.path("state")); err != nil {
		t.Fatal(err)
	}
}

// fills puts this test's paths into text of the documentation.
func (w *tool) fills(text string) string {
	return strings.NewReplacer("/usr/local/bin/astreinte", w.program, "https://astreinte.example.net", "http://"+w.address,
		"/etc/astreinte/"+w.source+".token", w.path("token"), "/var/spool/astreinte", w.path("spool")).Replace(text)
}

// documented is the first block of a page under docs/sources behind a heading
// that has these words.
func documented(t *testing.T, page, behind, has string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "sources", page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), behind)
	for i, block := range strings.Split(rest, "```") {
		if i%2 == 1 && strings.Contains(block, has) {
			return block
		}
	}
	t.Fatalf("%s has no block with %s", page, has)
	return ""
}

// TestToolsThatNotify: a failing check of a real Icinga 2 and a real Nagios 4
// pages by the command definitions of docs/sources, its acknowledgement in the
// tool acknowledges, its recovery ends; and a daemon that is down meanwhile
// loses nothing.
func TestToolsThatNotify(t *testing.T) {
	program := build(t)
	for name, start := range map[string]func(*tool, *testing.T){"icinga": (*tool).icinga, "nagios": (*tool).nagios} {
		t.Run(name, func(t *testing.T) {
			config := strings.Replace(siteConfig, "sources:\n", "sources:\n  "+name+": {type: nagios, token: "+toolToken+", customer: acme, labels: {site: Givrand}}\n", 1)
			s := newSiteWith(t, program, "bolt:astreinte.db", config)
			w := &tool{dir: t.TempDir(), address: s.address, program: program, source: name}
			write(t, w.path("token"), toolToken)
			w.says(t, 0)
			start(w, t)
			w.watched(t, s)
		})
	}
}

func (w *tool) watched(t *testing.T, s *site) {
	w.says(t, 2)
	s.alice.ExpectSMS(t, "CRITIQUE Acme/Givrand srv-db-01 Disk /var")
	number := s.onlyTicket(t).Number
	w.command(t, "ACKNOWLEDGE_SVC_PROBLEM;srv-db-01;Disk /var;1;1;0;Zoé;je regarde")
	await(t, "the acknowledgement", func() error {
		if now := s.ticket(t, number); now.State != "acknowledged" || !strings.Contains(now.AcknowledgedBy, "Zoé") {
			return fmt.Errorf("it is %s by %s", now.State, now.AcknowledgedBy)
		}
		return nil
	})
	s.pagesNobody(t, number)
	w.says(t, 0)
	await(t, "the recovery", func() error {
		if now := s.ticket(t, number); now.State != "resolved" {
			return fmt.Errorf("it is %s", now.State)
		}
		return nil
	})

	s.alice.ExpectSMS(t, "TERMINE")

	s.daemon.kill()
	w.says(t, 1)
	w.waits(t, 1)
	w.says(t, 2)
	w.waits(t, 2)
	s.start(t)
	s.alice.ExpectSMS(t, "srv-db-01 Disk /var")
	w.waits(t, 0)
	w.says(t, 0)
	await(t, "the recovery of what fired while the daemon was down", func() error {
		var list struct{ Tickets []shown }
		if err := s.try("GET", "/api/v1/tickets?state=open&state=acknowledged", nil, 200, &list); err != nil {
			return err
		}
		for _, one := range list.Tickets {
			if one.State != "resolved" && one.State != "closed" {
				return fmt.Errorf("%s is %s", one.Number, one.State)
			}
		}
		return nil
	})

	s.alice.ExpectSMS(t, "TERMINE")

	// What begins and ends while the daemon is down wakes nobody.
	s.daemon.kill()
	w.says(t, 2)
	w.waits(t, 1)
	w.says(t, 0)
	w.waits(t, 2)
	before := len(s.world.Messages())
	s.start(t)
	w.waits(t, 0)
	holds(t, 2*repeatsEvery, func() error {
		if now := s.world.Messages(); len(now) > before {
			return fmt.Errorf("what is over paged: %v", now[before:])
		}
		return nil
	})
}

// waits waits until so many notifications wait in the spool. That the tool goes
// on to notify meanwhile is what it is not held up by.
func (w *tool) waits(t *testing.T, n int) {
	t.Helper()
	await(t, fmt.Sprintf("%d notifications in the spool", n), func() error {
		names, err := filepath.Glob(w.path("spool/queue/*.json"))
		if err != nil || len(names) < n || n == 0 && len(names) > 0 {
			return errors.Join(err, fmt.Errorf("%d wait", len(names)))
		}
		return nil
	})
}

// command writes an external command into the tool's pipe.
func (w *tool) command(t *testing.T, line string) {
	t.Helper()
	pipe, err := os.OpenFile(w.pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(pipe, "[%d] %s\n", time.Now().Unix(), line)
	if err := errors.Join(err, pipe.Close()); err != nil {
		t.Fatal(err)
	}
}

// up waits until the tool takes commands.
func (w *tool) up(t *testing.T) {
	t.Helper()
	await(t, "the tool", func() error {
		_, err := os.Stat(w.pipe)
		return err
	})
}

func (w *tool) icinga(t *testing.T) {
	found, err := filepath.Glob("/usr/lib/*/icinga2/sbin/icinga2")
	if err != nil || len(found) != 1 {
		t.Fatalf("icinga2 is missing: apt-get install icinga2-bin (%v)", err)
	}
	w.pipe = w.path("run/cmd")
	write(t, w.path("icinga2.conf"), w.fills(`
object CheckerComponent "checker" { }
object NotificationComponent "notification" { }
object ExternalCommandListener "command" { command_path = "`+w.pipe+`" }
object CheckCommand "file" { command = [ "/bin/sh", "-c", "echo \"é 1 % free\"; exit $$(cat `+w.path("state")+`)" ] }
object Host "srv-db-01" {
  check_command = "file"
  enable_active_checks = false
  address = "192.0.2.1"
  vars.customer = "acme"
  vars.site = "Givrand"
}
object Service "Disk /var" {
  host_name = "srv-db-01"
  check_command = "file"
  check_interval = 1s
  retry_interval = 1s
  max_check_attempts = 1
}
`+documented(t, "icinga.md", "## By astreinte notify", "NotificationCommand")))
	args := []string{"daemon", "-c", w.path("icinga2.conf")}
	for name, folder := range map[string]string{"DataDir": "data", "CacheDir": "cache", "LogDir": "log", "InitRunDir": "run", "ConfigDir": "conf"} {
		if err := os.MkdirAll(w.path(folder), 0o700); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D", "Configuration."+name+"="+w.path(folder))
	}
	user := strconv.Itoa(os.Getuid())
	if name, err := exec.Command("id", "-un").Output(); err == nil {
		user = strings.TrimSpace(string(name))
	}
	group, err := exec.Command("id", "-gn").Output()
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "-D", "Configuration.RunAsUser="+user, "-D", "Configuration.RunAsGroup="+strings.TrimSpace(string(group)))
	launch(t, "icinga2", exec.Command(found[0], args...))
	w.up(t)
}

func (w *tool) nagios(t *testing.T) {
	program := installed(t, "/usr/sbin/nagios4", "nagios4-core")
	w.pipe = w.path("cmd")
	for _, folder := range []string{"results", "tmp"} {
		if err := os.Mkdir(w.path(folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	user, err := exec.Command("id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	group, err := exec.Command("id", "-gn").Output()
	if err != nil {
		t.Fatal(err)
	}
	write(t, w.path("check"), "#!/bin/sh\necho \"é 1 % free\"\nexit $(cat "+w.path("state")+")\n")
	write(t, w.path("ok"), "#!/bin/sh\necho fine\n")
	for _, name := range []string{"check", "ok"} {
		if err := os.Chmod(w.path(name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, w.path("objects.cfg"), w.fills(documented(t, "nagios.md", "## The tool", "notify-by-astreinte"))+`
define timeperiod {
    timeperiod_name 24x7
    alias always
    sunday 00:00-24:00
    monday 00:00-24:00
    tuesday 00:00-24:00
    wednesday 00:00-24:00
    thursday 00:00-24:00
    friday 00:00-24:00
    saturday 00:00-24:00
}
define command {
    command_name check
    command_line `+w.path("check")+`
}
define command {
    command_name ok
    command_line `+w.path("ok")+`
}
define host {
    host_name srv-db-01
    address 192.0.2.1
    check_command ok
    max_check_attempts 1
    check_interval 60
    check_period 24x7
    notification_period 24x7
    notification_interval 0
    contacts astreinte
    _CUSTOMER acme
}
define service {
    host_name srv-db-01
    service_description Disk /var
    check_command check
    max_check_attempts 1
    check_interval 1
    retry_interval 1
    check_period 24x7
    notification_period 24x7
    notification_interval 0
    contacts astreinte
}
`)
	write(t, w.path("nagios.cfg"), strings.ReplaceAll(`cfg_file=DIR/objects.cfg
log_file=DIR/nagios.log
object_cache_file=DIR/objects.cache
precached_object_file=DIR/objects.precache
status_file=DIR/status.dat
state_retention_file=DIR/retention.dat
lock_file=DIR/nagios.pid
temp_file=DIR/tmp/nagios.tmp
temp_path=DIR/tmp
check_result_path=DIR/results
command_file=DIR/cmd
query_socket=DIR/nagios.qh
check_external_commands=1
enable_notifications=1
enable_environment_macros=1
execute_service_checks=1
interval_length=1
use_syslog=0
log_notifications=1
illegal_macro_output_chars=`+"`~$&|'\"<>"+`
`, "DIR", w.dir)+"nagios_user="+strings.TrimSpace(string(user))+"\nnagios_group="+strings.TrimSpace(string(group))+"\n")
	launch(t, "nagios4", exec.Command(program, w.path("nagios.cfg")))
	w.up(t)
}
