"""What a population says: verdict, contest, ceiling, predictor, leaderboard."""
