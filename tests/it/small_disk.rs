//! A PostgreSQL of which one folder lies on a small disk of its own.
//!
//! The disk is a tmpfs in a namespace that nobody but the server and its shell
//! is in, so it needs no privilege and is gone with them, however the test ends.
//! The shell makes it smaller and larger when told to on its standard input.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::skip;
use crate::throwaway::{Flushes, Throwaway};

pub struct SmallDisk {
    pub server: Throwaway,
    answers: BufReader<ChildStdout>,
}

/// `$disk` is the folder. The shell is root of the namespace, since it mounts;
/// the server must not be, so it is somebody else in one more.
const WATCH: &str = r#"
    serve() {
        unshare --user --map-user=1 --map-group=1 \
            "$programs/postgres" -D "$folder/data" >>"$folder/log" 2>&1 &
        server=$!
    }
    programs=$0 folder=$1 disk=$1/$disk
    mkdir -p "$disk" "$folder/aside" && cp -a "$disk/." "$folder/aside" || exit
    mount -t tmpfs -o mode=0700,size=1g none "$disk" || exit
    cp -a "$folder/aside/." "$disk" && rm -r "$folder/aside" || exit
    serve
    while read -r order kib; do
        case $order in
        leave)
            used=$(df -k --output=used "$disk" | tail -n 1)
            mount -o "remount,size=$((used + kib))k" none "$disk" ;;
        serve) kill -0 "$server" 2>/dev/null || serve ;;
        esac && echo done
    done
    kill -QUIT "$server" && wait "$server"
    umount "$disk"
    rm -rf "$folder"
"#;

/// As much as anybody could want.
const PLENTY: u64 = 500_000;

impl SmallDisk {
    /// `folder` is one of the server's, there already or not. Tells why where
    /// there can be none.
    pub fn with(folder: &str) -> Option<Self> {
        // Pieces of its journal are of a megabyte, as a small disk wants them.
        let pieces = ["--wal-segsize=1"];
        let server = Throwaway::on_a_socket(&std::env::temp_dir(), Flushes::Always, &pieces)?;
        if !can_have_a_disk(&server) {
            skip("unshare with a tmpfs, as the user of PostgreSQL");
            return None;
        }
        let mut watch = in_a_namespace(&format!("disk='{folder}'{WATCH}"));
        watch.stdout(Stdio::piped());
        let mut server = server.up_under(watch);
        let answers = server.shell().stdout.take().expect("piped");
        Some(Self { server, answers: BufReader::new(answers) })
    }

    /// So much room is left on the disk.
    pub fn leave(&mut self, kib: u64) {
        self.order(&format!("leave {kib}"));
    }

    pub fn leave_plenty(&mut self) {
        self.leave(PLENTY);
    }

    /// Up again, should it have gone down, or be just about to.
    pub fn serve(&mut self) {
        let began = Instant::now();
        loop {
            self.order("serve");
            if self.server.is_up() {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it stays down");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn order(&mut self, order: &str) {
        let input = self.server.shell().stdin.as_mut().expect("piped");
        writeln!(input, "{order}").expect("the shell listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the shell answers");
        assert_eq!(answer, "done\n", "{order}");
    }
}

fn in_a_namespace(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["-rm", "/bin/sh", "-c", script]);
    command
}

fn can_have_a_disk(server: &Throwaway) -> bool {
    let script = "mount -t tmpfs none . && unshare --user --map-user=1 --map-group=1 true";
    let mut tried = in_a_namespace(script);
    tried.current_dir(server.folder());
    server.as_its_user(&mut tried);
    tried.output().is_ok_and(|it| it.status.success())
}
