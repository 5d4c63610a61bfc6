//! Networks that are mended while somebody removes them.

use gantry_net::Attachment;

use crate::world::{Place, task};

#[tokio::test]
async fn what_is_removed_while_it_is_looked_at_stays_away() {
    let place = Place::new();
    let net = place.open().await;
    for round in 0..3 {
        // They are looked at one after another, and removed meanwhile.
        for (last, vpc) in [(80, "vpc-1a"), (81, "vpc-1b"), (82, "vpc-1c")] {
            let mut task: Attachment = task(last, vec![]);
            task.vpc.id = vpc.parse().unwrap();
            net.attach(task.clone()).await.unwrap();
            net.detach(&task.task).await.unwrap();
        }
        let (mended, removed) = tokio::join!(net.mend(), net.remove_idle_routers());
        mended.unwrap();
        removed.unwrap();
        assert_eq!(place.left(), Vec::<String>::new(), "round {round}");
    }
}
