"""What the published systems are built of, one block a file: plain torch modules that answer each sample on its own."""
